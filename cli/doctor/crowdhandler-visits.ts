import { type InspectedRooms, isPromotionSigned, isToken } from "../../plugins/crowdhandler/inspect/mod.ts";
import { type CheckResult, crowdhandler, crowdhandlerVisit } from "../../plugins/crowdhandler/mod.ts";
import { withoutValues } from "../../src/telemetry/plain-explanation.ts";
import type { Host } from "../host.ts";
import type { Findings } from "./check.ts";
import type { CrowdhandlerDoctor } from "./command.ts";
import type { Curtain } from "../curtain.ts";
import { visit, type Visited } from "./gate.ts";
import type { Probe } from "./probe.ts";

/** A feed as it came, and what it has to do with the page. */
export interface Feed {
  readonly value: unknown;
  readonly inspected: InspectedRooms;
}

/** What became of a visitor. */
export interface VisitView {
  readonly visitor: "new" | "given" | "back";
  readonly action: string;
  readonly reason: string;
  readonly location: string | null;
  readonly room: string | null;
  readonly position: number | null;
  readonly status: number | null;
  readonly failure: string | null;
}

/** What visits need. */
export interface Visiting {
  readonly publicKey: string;
  readonly privateKey: string | undefined;
  readonly token: string | undefined;
  readonly apiUrl: string;
  readonly probe: Probe;
  readonly feed: Feed | undefined;
  readonly curtain: Curtain;
  readonly isReachable: boolean;
}

/** The address of an example, for a visitor of whom none is known: the service wants one. */
const exampleAddress = "192.0.2.1";

/** Tells what visitors would get, and asks the service about them where that is allowed. */
export async function tellVisits(
  findings: Findings,
  command: CrowdhandlerDoctor,
  host: Host,
  visiting: Visiting,
): Promise<readonly VisitView[]> {
  const { token, isReachable } = visiting;
  const usable = isToken(token);
  if (token !== undefined && !usable) {
    const message =
      'The given token is none of CrowdHandler: "tok" and 1 to 124 letters, digits, _ and -. It counts as absent.';
    findings.problem(
      "token",
      "malformed",
      message,
      "Take it from the parameter ch-id or from the cookie crowdhandler.",
    );
  }
  if (!command.visit) {
    tellUnasked(findings, visiting, usable);
    return [];
  }
  if (!isReachable) return [];
  const views: VisitView[] = [];
  const first = await visitAs(findings, command, host, visiting, "new", undefined);
  views.push(first.view);
  const own = first.result?.token;
  // Outside the rooms nobody has a place.
  if (own !== undefined && first.result?.slug !== undefined) {
    const back = await visitAs(findings, command, host, visiting, "back", own);
    views.push(back.view);
    tellReturn(findings, own, back.result);
  }
  if (token !== undefined && usable) {
    const given = await visitAs(findings, command, host, visiting, "given", token);
    views.push(given.view);
    tellGiven(findings, token, given.result);
  }
  tellSignature(findings, visiting, first.result);
  return views;
}

function tellUnasked(findings: Findings, { feed, isReachable }: Visiting, hasToken: boolean): void {
  if (!isReachable) return;
  const { covering } = feed?.inspected ?? {};
  const whom = hasToken ? "a new visitor and the one with the given token" : "a new visitor";
  const message = feed !== undefined && covering === undefined
    ? `What ${whom} would get: they are let in, for no room covers the page. The service was not asked.`
    : `What ${whom} would get was not asked: the service would open a place in line for a new visitor, and for one whose token it does not know.`;
  findings.note("visit", "not-asked", message, "--visit asks, and opens one place in line for each.");
}

async function visitAs(
  findings: Findings,
  command: CrowdhandlerDoctor,
  host: Host,
  visiting: Visiting,
  visitor: VisitView["visitor"],
  token: string | undefined,
): Promise<{ readonly view: VisitView; readonly result: CheckResult | undefined }> {
  const { publicKey, apiUrl, probe, curtain } = visiting;
  const { waitingRoomUrl, auth, timeoutMs } = command;
  const provider = crowdhandler({
    publicKey,
    apiUrl,
    auth,
    timeoutMs,
    cleanUrl: "never",
    performance: { sample: 0 },
    fetch: probe.fetch,
    warn: (message) => {
      const advice =
        "What an ordinary visitor sends is taken: look at the address, at --header and at the query of the page.";
      findings.problem("visit", "refused", `${message.replace(/^crowdhandler: /, "")}.`, advice);
    },
    visitor: (ctx) => ctx.address === undefined ? { ip: exampleAddress } : {},
    ...(waitingRoomUrl !== undefined && { waitingRoomUrl }),
  });
  const visited = await visit(
    command,
    host.now,
    provider,
    token === undefined ? undefined : `crowdhandler=${token}`,
  );
  const result = visited.ctx.get(crowdhandlerVisit)?.result;
  curtain.add(result?.token);
  const view = viewOf(visitor, visited, result);
  tellVisit(findings, view);
  if (result !== undefined && visitor === "new") tellOtherRoom(findings, view, visiting);
  return { view, result };
}

function viewOf(
  visitor: VisitView["visitor"],
  { decision, failure }: Visited,
  result: CheckResult | undefined,
): VisitView {
  return {
    visitor,
    action: decision.action,
    reason: decision.reason,
    location: "location" in decision ? withoutValues(decision.location) : null,
    room: result?.slug ?? null,
    position: result?.position ?? null,
    status: result?.status ?? null,
    failure: failure === undefined ? null : `${failure.message} [${failure.code}]`,
  };
}

const names: Readonly<Record<VisitView["visitor"], string>> = {
  new: "A new visitor",
  given: "The visitor with the given token",
  back: "The same visitor, who comes back with the token of that answer,",
};

function tellVisit(findings: Findings, view: VisitView): void {
  const { visitor, action, location, room, position, status, failure, reason } = view;
  const who = names[visitor];
  if (failure !== null) {
    const message = `${who} could not be checked: ${failure}. The failure policy of the gate decides.`;
    return findings.problem(
      "visit",
      "failed",
      message,
      "What the service answers to the other calls says more.",
    );
  }
  if (status === 3 || status === 4) {
    const message = `The service has blocked this address (status ${status}), so ${who.toLowerCase()} waits.`;
    const advice = 'Set the address to "ignore" in the control panel, and give another one by --address.';
    return findings.problem("visit", "blocked", message, advice);
  }
  const place = position === null ? "" : `, at place ${position} of the line`;
  const state = status === 5 ? " The room is full." : status === 6 ? " The service is throttling." : "";
  const message = action === "admit"
    ? `${who} is let in (${reason}).`
    : action === "queue"
    ? `${who} waits in the room "${room ?? "of the safety net"}"${place}, and is sent to ${location}.${state}`
    : `${who} gets another answer: ${action}, because ${reason}.`;
  findings.ok("visit", action, message);
}

/** Compares the room that the service names with that of the feed. */
function tellOtherRoom(findings: Findings, { room }: VisitView, { feed }: Visiting): void {
  if (feed === undefined) return;
  const { rooms, covering } = feed.inspected;
  const expected = covering === undefined ? null : rooms[covering]?.slug ?? null;
  if (room === expected) return;
  const [ours, theirs] = [expected, room].map((slug) =>
    slug === null ? "no room" : `the room ${JSON.stringify(slug)}`
  );
  const message = `By the feed ${ours} covers the page, and the service answers for ${theirs}.`;
  findings.note("visit", "other-room", message, "The feed may be some minutes old: ask again.");
}

function tellReturn(findings: Findings, token: string, result: CheckResult | undefined): void {
  if (result?.token === undefined || result.token === token) return;
  const message = "The service gave another token to the visitor who came back: places are not kept.";
  findings.problem("token", "not-kept", message, "Try again; if it stays so, ask the service.");
}

function tellGiven(findings: Findings, token: string, result: CheckResult | undefined): void {
  if (result?.token === undefined) return;
  if (result.token === token) return findings.ok("token", "known", "The service knows the given token.");
  const message =
    "The service gave another token for the given one, which it does not know or which has expired: that visitor begins anew.";
  findings.note("token", "expired", message);
}

function tellSignature(
  findings: Findings,
  { privateKey, feed }: Visiting,
  result: CheckResult | undefined,
): void {
  if (privateKey === undefined || feed === undefined || result === undefined) return;
  const isSigned = result.promoted ? isPromotionSigned(feed.value, privateKey, result) : undefined;
  if (isSigned === undefined) {
    const message =
      "Whether the private key is right only a promoted visitor shows, whose answer the service signs.";
    return findings.note("key", "private-unknown", message, "Ask while the room lets visitors in.");
  }
  if (isSigned) {
    findings.ok("key", "private-right", "The private key is right: the service signs promotions with it.");
  } else {
    const message =
      "The private key is not that by which the service signs: in hybrid mode no promotion is believed.";
    findings.problem(
      "key",
      "private-wrong",
      message,
      "Compare the private key with that of the control panel.",
    );
  }
}
