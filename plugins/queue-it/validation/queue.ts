import { chain, isPromise } from "../../../src/async/maybe-promise.ts";
import { ServiceError } from "../../../src/errors.ts";
import { withDeadline } from "../../../src/async/deadline.ts";
import type { QueueAction, Room } from "../configuration/mod.ts";
import { type Checked, checkToken, passes, roomFor } from "./check-token.ts";
import { type Core, seconds, type Verdict, type Visit } from "./connector.ts";
import { addressDetails, errorLocation, queueLocation, sessionDetails } from "./locations.ts";
import type { Cookie, Session } from "../protocol/session-cookie.ts";
import { forgetSessions, isExtendable, readState, type State } from "./session-state.ts";
import { parseToken, type Token } from "../protocol/token.ts";
import type { DirectPass, DirectPassAnswer } from "../services.ts";

/**
 * Decides about a visit to a protected page. Only remote services make the answer a promise: a genuine session, a
 * token and the way to the waiting room need none.
 */
export function decideQueue(core: Core, action: QueueAction, visit: Visit): Verdict | Promise<Verdict> {
  const state = readState(core, action.rooms, visit, action.validityMinutes);
  const { cookie } = state;
  if (state.finding === "genuine" && cookie !== undefined) {
    if (!action.verifies) return welcomeBack(core, action, visit, state, cookie);
    return verified(core, action, visit, cookie.queueId, (isAllowed) => {
      if (!isAllowed) {
        forgetSessions(action.rooms, visit);
        return overused(action, visit);
      }
      return welcomeBack(core, action, visit, state, cookie);
    });
  }
  const checked = visit.token === "" ? undefined : checkToken(core, action, visit, parseToken(visit.token));
  if (checked === undefined || !passes(core, checked)) return turnAway(core, action, visit, state, checked);
  const { token } = checked;
  return verified(
    core,
    action,
    visit,
    token.queueId,
    (isAllowed) => isAllowed ? admit(core, action, visit, token) : overused(action, visit),
  );
}

/** Asks whether the queue id may be used once more, where the integration limits that. */
function verified(
  core: Core,
  action: QueueAction,
  visit: Visit,
  queueId: string | undefined,
  next: (isAllowed: boolean) => Verdict,
): Verdict | Promise<Verdict> {
  if (!action.verifies || !queueId) return next(true);
  const { customerId, apiKey, verifyAction } = core;
  if (verifyAction === undefined) {
    throw new ServiceError(
      "internal",
      'The integration limits the use of queue ids, which needs "verifyAction"',
    );
  }
  const answer = verifyAction({
    customerId,
    roomId: action.room.id,
    queueId,
    usageLimit: action.usageLimit,
    apiKey,
    actionName: action.name,
    url: visit.originalUrl,
    ip: visit.address(),
    userAgent: visit.header("user-agent"),
  });
  return chain(native(answer), (isAllowed) => next(isAllowed === true));
}

function overused(action: QueueAction, visit: Visit): Verdict {
  return sent("qidlimit", errorLocation(action, visit, "qidlimit", ""));
}

/** Lets in who has a genuine session, and prolongs it if that is wanted. */
function welcomeBack(core: Core, action: QueueAction, visit: Visit, state: State, cookie: Cookie): Verdict {
  if (action.extends && state.room !== undefined && isExtendable(state)) {
    const { room } = state;
    visit.changes.push({ room, value: core.sessions.renew(cookie, room.id, seconds(visit)) });
  }
  return { word: "accepted", queueId: cookie.queueId, redirectType: cookie.redirectType, location: "" };
}

/** Lets in who has a valid token. */
function admit(core: Core, action: QueueAction, visit: Visit, token: Token): Verdict {
  const { queueId, fixedMinutes = 0, redirectType = "", hashedAddress = "" } = token;
  // A token that was accepted names one of the rooms.
  const room = roomFor(core, action, token) ?? action.room;
  store(core, visit, room, {
    roomId: room.id,
    queueId: queueId ?? "",
    fixedMinutes,
    redirectType,
    hashedAddress,
  });
  return { word: "accepted", queueId, redirectType, location: "" };
}

/** Decides about a visitor who has neither a genuine session nor a valid token. */
function turnAway(
  core: Core,
  action: QueueAction,
  visit: Visit,
  state: State,
  checked: Checked | undefined,
): Verdict | Promise<Verdict> {
  if (state.finding !== "absent") forgetSessions(action.rooms, visit);
  const isDebug = core.profile !== "v3" && checked?.token.redirectType === "debug";
  if (checked?.fault !== undefined && !isDebug) {
    const { token, fault } = checked;
    const details = fault === "ip" ? addressDetails(visit, token.hashedAddress ?? "") : "";
    return sent(fault, errorLocation(action, visit, fault, details));
  }
  if (state.finding === "other-address" && state.cookie !== undefined) {
    const details = sessionDetails(core, visit, state.cookie);
    return sent("sessionstate", errorLocation(action, visit, "connector/sessionstate", details));
  }
  const { directPass } = core;
  if (directPass === undefined || core.profile === "v3") return enqueue(core, action, visit);
  if (directPass.disabled) {
    visit.findings?.set("DirectActionDisabled", "true");
    return enqueue(core, action, visit);
  }
  return tryDirectPass(core, action, visit, directPass);
}

function enqueue(core: Core, action: QueueAction, visit: Visit): Verdict | Promise<Verdict> {
  if (core.enqueueToken === undefined) return sent("queued", queueLocation(action, visit, ""));
  const token = core.enqueueToken({
    roomId: action.room.id,
    ip: visit.address(),
    xForwardedFor: visit.header("x-forwarded-for"),
  });
  return chain(native(token), (made) => sent("queued", queueLocation(action, visit, made || "")));
}

/** How a session is marked that began without an answer of the direct pass. */
const unanswered = { queueId: "", fixedMinutes: 3, redirectType: "timeout", hashedAddress: "" } as const;

function tryDirectPass(
  core: Core,
  action: QueueAction,
  visit: Visit,
  directPass: DirectPass,
): Verdict | Promise<Verdict> {
  const { findings } = visit;
  const timeoutMs = Math.min(Math.max(directPass.timeoutMs || 3000, 800), 5000);
  findings?.set("DirectPassTimeoutSetting", String(directPass.timeoutMs ?? null));
  findings?.set("DirectPassTimeoutUsed", String(timeoutMs));

  function answered({ hasPassed, queueitToken }: DirectPassAnswer): Verdict | Promise<Verdict> {
    findings?.set("DirectPassResult", hasPassed === true ? "HasPassed" : "NotPassed");
    if (hasPassed === true && queueitToken) {
      const checked = checkToken(core, action, visit, parseToken(queueitToken));
      if (checked.fault === undefined) return admit(core, action, visit, checked.token);
    }
    return enqueue(core, action, visit);
  }

  function failed(cause: unknown): Verdict | Promise<Verdict> {
    findings?.set("DirectPassResult", "Timeout");
    const { onFailure = "pass" } = directPass;
    if (onFailure === "fail") throw cause;
    if (onFailure === "queue") return enqueue(core, action, visit);
    store(core, visit, action.room, { roomId: action.room.id, ...unanswered });
    return { word: "accepted", queueId: undefined, redirectType: unanswered.redirectType, location: "" };
  }

  let answer: DirectPassAnswer | Promise<DirectPassAnswer>;
  try {
    answer = native(directPass.attempt({
      customerId: core.customerId,
      roomId: action.room.id,
      actionName: action.name,
      url: visit.originalUrl,
      proxyKey: directPass.proxyKey,
      ip: visit.address(),
      userAgent: visit.header("user-agent"),
      referer: visit.header("referer"),
      timeoutMs,
      sdk: core.sdk,
    }));
  } catch (cause) {
    return failed(cause);
  }
  if (!(answer instanceof Promise)) return answered(answer);
  return withDeadline(answer, timeoutMs, "The direct pass").then(answered, failed);
}

function store(core: Core, visit: Visit, room: Room, session: Session): void {
  visit.changes.push({ room, value: core.sessions.write(session, seconds(visit)) });
}

function sent(word: Verdict["word"], location: string): Verdict {
  return { word, queueId: undefined, redirectType: undefined, location };
}

/** What an integrator's function returned, of which a promise may be anything with a `then`. */
function native<T>(value: T | Promise<T>): T | Promise<T> {
  return isPromise(value) ? Promise.resolve(value) : value;
}
