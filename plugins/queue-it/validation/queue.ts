import { crowdCodes, GateError, ServiceError, withFallback } from "../../../src/errors.ts";
import type { Call } from "../../../src/service.ts";
import type { QueueAction, WaitingRoom } from "../configuration/mod.ts";
import { type CheckedToken, checkToken, passes, roomFor } from "./check-token.ts";
import { type Connector, directPassMs } from "./connector.ts";
import { seconds, type Validation, validationOf, type Visit } from "./visit.ts";
import { addressDetails, errorLocation, queueLocation, sessionDetails } from "./locations.ts";
import type { SessionContent, SessionCookie } from "../protocol/session-cookie.ts";
import { unanswered } from "../protocol/sole-reading.ts";
import { forgetSessions, isExtendable, readState, type SessionState } from "./session-state.ts";
import { parseToken, type Token } from "../protocol/token.ts";
import type { DirectPass, DirectPassAnswer, EnqueueCall, VerifyCall } from "../services.ts";

/**
 * Decides about a visit to a protected page. Only remote services make the answer a promise: a genuine session, a
 * token and the way to the waiting room need none.
 */
export function decideQueue(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
): Validation | Promise<Validation> {
  const state = readState(connector, action.rooms, visit, action.validityMinutes);
  const { cookie } = state;
  if (state.status === "genuine" && cookie !== undefined) {
    if (!action.verifies) return welcomeBack(connector, action, visit, state, cookie);
    return verified(connector, action, visit, cookie.queueId, (isAllowed) => {
      if (!isAllowed) {
        forgetSessions(action.rooms, visit);
        return overused(action, visit);
      }
      return welcomeBack(connector, action, visit, state, cookie);
    });
  }
  const checked = visit.token === ""
    ? undefined
    : checkToken(connector, action, visit, parseToken(visit.token));
  if (checked === undefined || !passes(connector, checked)) {
    return turnAway(connector, action, visit, state, checked);
  }
  const { token } = checked;
  return verified(
    connector,
    action,
    visit,
    token.queueId,
    (isAllowed) => isAllowed ? admit(connector, action, visit, token) : overused(action, visit),
  );
}

/** Asks whether the queue id may be used once more, where the integration limits that. */
function verified(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  queueId: string | undefined,
  next: (isAllowed: boolean) => Validation,
): Validation | Promise<Validation> {
  if (!action.verifies || !queueId) return next(true);
  const { customerId, apiKey, verifyAction, serviceTimeoutMs } = connector;
  if (verifyAction === undefined) {
    throw new ServiceError(
      "internal",
      'The integration limits the use of queue ids, which needs "verifyAction"',
    );
  }
  const { calls } = visit;
  if (calls === undefined) return next(false);
  const question: VerifyCall = {
    customerId,
    roomId: action.room.id,
    queueId,
    usageLimit: action.usageLimit,
    apiKey,
    actionName: action.name,
    url: visit.originalUrl,
    ip: visit.address(),
    userAgent: visit.header("user-agent"),
  };
  const service = { ...serviceOf(connector, "verifyAction", action), timeoutMs: serviceTimeoutMs };
  return calls.run(callOf(connector, service, () => visit.dryRun || verifyAction(question)))
    .then((isAllowed) => next(isAllowed === true));
}

function overused(action: QueueAction, visit: Visit): Validation {
  return validationOf("qidlimit", errorLocation(action, visit, "qidlimit", ""));
}

/** Lets in who has a genuine session, and prolongs it if that is wanted. */
function welcomeBack(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  state: SessionState,
  cookie: SessionCookie,
): Validation {
  if (action.extends && state.room !== undefined && isExtendable(state)) {
    const { room } = state;
    visit.changes.push({ room, value: connector.sessions.renew(cookie, room.id, seconds(visit)) });
  }
  return { result: "accepted", queueId: cookie.queueId, redirectType: cookie.redirectType, location: "" };
}

/** Lets in who has a valid token. */
function admit(connector: Connector, action: QueueAction, visit: Visit, token: Token): Validation {
  const { queueId, fixedMinutes = 0, redirectType = "", hashedAddress = "" } = token;
  // A token that was accepted names one of the rooms.
  const room = roomFor(connector, action, token) ?? action.room;
  begin(connector, action, visit, room, {
    roomId: room.id,
    queueId: queueId ?? "",
    fixedMinutes,
    redirectType,
    hashedAddress,
  });
  return { result: "accepted", queueId, redirectType, location: "" };
}

/**
 * Begins a session. It refuses one that would not be read again, that could be read as another one, or that would pass by the
 * limit of the uses of its queue id: what tokens say comes from the service, so it is the options that are wrong.
 */
function begin(
  { sessions }: Connector,
  action: QueueAction,
  visit: Visit,
  room: WaitingRoom,
  session: SessionContent,
): void {
  const { queueId, roomId } = session;
  const now = seconds(visit);
  if (!sessions.keepsQueueId(queueId)) {
    if (queueId !== "" && action.verifies) throw wrongOptions(queueId, roomId);
    if (!sessions.keepsAnonymous(session, now)) throw wrongOptions(queueId, roomId);
  }
  visit.changes.push({ room, value: sessions.write(session, now) });
}

function wrongOptions(queueId: string, roomId: string): ServiceError {
  if (queueId === "") {
    return new ServiceError(
      "internal",
      `A session without a queue id cannot begin in the room ${
        JSON.stringify(roomId)
      }: nothing would tell it ` +
        'from another session; set the option "seal" to "write", or to "require" if it is that already',
    );
  }
  return new ServiceError(
    "internal",
    `A session cannot begin with the queue id ${
      JSON.stringify(queueId)
    } of the token: it must match the option ` +
      '"queueIdPattern", by default a GUID; give it the pattern of your queue ids',
  );
}

/** Decides about a visitor who has neither a genuine session nor a valid token. */
function turnAway(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  state: SessionState,
  checked: CheckedToken | undefined,
): Validation | Promise<Validation> {
  if (state.status !== "absent") forgetSessions(action.rooms, visit);
  const isDebug = connector.profile !== "v3" && checked?.token.redirectType === "debug";
  if (checked?.fault !== undefined && !isDebug) {
    const { token, fault } = checked;
    const details = fault === "ip" ? addressDetails(visit, token.hashedAddress ?? "") : "";
    return validationOf(fault, errorLocation(action, visit, fault, details));
  }
  if (state.status === "other-address" && state.cookie !== undefined) {
    const details = sessionDetails(connector, visit, state.cookie);
    return validationOf("sessionstate", errorLocation(action, visit, "connector/sessionstate", details));
  }
  const { directPass } = connector;
  if (directPass === undefined || visit.calls === undefined || visit.dryRun || connector.profile === "v3") {
    return enqueue(connector, action, visit);
  }
  if (directPass.disabled) {
    visit.diagnostics?.set("DirectActionDisabled", "true");
    return enqueue(connector, action, visit);
  }
  return tryDirectPass(connector, action, visit, directPass);
}

function enqueue(connector: Connector, action: QueueAction, visit: Visit): Validation | Promise<Validation> {
  const { enqueueToken, serviceTimeoutMs } = connector;
  const { calls } = visit;
  if (enqueueToken === undefined || calls === undefined) {
    return validationOf("queued", queueLocation(action, visit, ""));
  }
  const question: EnqueueCall = {
    roomId: action.room.id,
    ip: visit.address(),
    xForwardedFor: visit.header("x-forwarded-for"),
  };
  const service = { ...serviceOf(connector, "enqueueToken", action), timeoutMs: serviceTimeoutMs };
  return calls.run(callOf(connector, service, () => visit.dryRun ? "" : enqueueToken(question)))
    .then((token) => validationOf("queued", queueLocation(action, visit, token || "")));
}

/** What is asked, and of whom: each room may have a service of its own. */
function serviceOf(
  { customerId }: Connector,
  what: string,
  { room }: QueueAction,
): { what: string; service: string } {
  return { what, service: `${what} ${customerId} ${room.id}` };
}

/**
 * The call of an integrator's function. What it throws is a bug of it, unless it says what it is, or gave up after a time of its own,
 * or this machine has no file left for its connection.
 */
function callOf<T>(
  { isShortage }: Connector,
  call: Omit<Call<T>, "make">,
  ask: () => T | Promise<T>,
): Call<T> {
  const { what } = call;
  return {
    ...call,
    async make() {
      try {
        return await ask();
      } catch (cause) {
        if (cause instanceof GateError) throw cause;
        if (await isShortage(cause)) {
          throw new ServiceError("overloaded", `${what} had no file left to connect`, { cause });
        }
        const isLate = typeof cause === "object" && cause !== null && "name" in cause &&
          cause.name === "TimeoutError";
        throw isLate
          ? new ServiceError("timeout", `${what} gave up waiting`, { cause })
          : withFallback(cause, {});
      }
    },
  };
}

function tryDirectPass(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  directPass: DirectPass,
): Validation | Promise<Validation> {
  const { diagnostics } = visit;
  const timeoutMs = directPassMs(directPass);
  diagnostics?.set("DirectPassTimeoutSetting", String(directPass.timeoutMs ?? null));
  diagnostics?.set("DirectPassTimeoutUsed", String(timeoutMs));

  function answered({ hasPassed, queueitToken }: DirectPassAnswer): Validation | Promise<Validation> {
    diagnostics?.set("DirectPassResult", hasPassed === true ? "HasPassed" : "NotPassed");
    if (hasPassed === true && queueitToken) {
      const checked = checkToken(connector, action, visit, parseToken(queueitToken));
      if (checked.fault === undefined) return admit(connector, action, visit, checked.token);
    }
    return enqueue(connector, action, visit);
  }

  function failed(cause: unknown): Validation | Promise<Validation> {
    diagnostics?.set("DirectPassResult", "Timeout");
    const { onFailure = "pass" } = directPass;
    if (onFailure === "fail") throw cause;
    // A crowd is no failure of the service: it lets nobody pass.
    const isCrowd = cause instanceof GateError && crowdCodes.includes(cause.code);
    if (onFailure === "queue" || isCrowd) return enqueue(connector, action, visit);
    begin(connector, action, visit, action.room, { roomId: action.room.id, ...unanswered });
    return { result: "accepted", queueId: undefined, redirectType: unanswered.redirectType, location: "" };
  }

  const ask = () =>
    directPass.attempt({
      customerId: connector.customerId,
      roomId: action.room.id,
      actionName: action.name,
      url: visit.originalUrl,
      proxyKey: directPass.proxyKey,
      ip: visit.address(),
      userAgent: visit.header("user-agent"),
      referer: visit.header("referer"),
      timeoutMs,
      sdk: connector.sdk,
    });
  const service = { ...serviceOf(connector, "The direct pass", action), timeoutMs };
  return connector.directCalls.run(callOf(connector, service, ask)).then(answered, failed);
}
