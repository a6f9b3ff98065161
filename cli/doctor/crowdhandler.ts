import {
  type InspectedRoom,
  type InspectedRooms,
  inspectRooms,
  readJson,
} from "../../plugins/crowdhandler/inspect/mod.ts";
import { withoutValues } from "../../src/telemetry/plain-explanation.ts";
import { UsageError } from "../arguments.ts";
import type { Host } from "../host.ts";
import { keyOf } from "../keys.ts";
import { tellAddress } from "./address.ts";
import { type CallTelling, tellCalls, tellMalformed } from "./answers.ts";
import { createFindings, type Findings, isWell, type Report } from "./check.ts";
import { clockOf, tellClock } from "./clock.ts";
import type { CrowdhandlerDoctor } from "./command.ts";
import { type Feed, tellVisits, type Visiting, type VisitView } from "./crowdhandler-visits.ts";
import type { Curtain } from "../curtain.ts";
import { type SeenPage, seePage } from "./gate.ts";
import { answersOf, createProbe } from "./probe.ts";
import { tellProxy, tellWay, wayTo } from "./way.ts";

/** What the doctor found out about CrowdHandler. */
export interface CrowdhandlerReport extends Report {
  /** The URL by which the service is asked about the page, without the values of its query. */
  readonly told: string | null;
  /** The room that covers the page; `null` where there is none, or nobody knows. */
  readonly room: string | null;
  readonly rooms: readonly (Omit<InspectedRoom, "text" | "fault"> & {
    readonly covers: boolean;
    readonly fault: string | null;
  })[];
  readonly visits: readonly VisitView[];
}

const api = "https://api.crowdhandler.com";
const telling: CallTelling = {
  key: "public key",
  limitMs: 2000,
  slow: "In full mode every page waits for the service: hybrid mode, or a server nearer to it.",
};

/** Asks CrowdHandler about a page, with the owner's keys. A place in line is opened only where `--visit` says so. */
export async function askCrowdhandler(
  command: CrowdhandlerDoctor,
  host: Host,
  curtain: Curtain,
): Promise<CrowdhandlerReport> {
  const { apiUrl = api, timeoutMs, url } = command;
  const keys = await keysOf(command, host, curtain);
  const findings = createFindings();
  const probe = createProbe(host, timeoutMs);
  const page = await seePage(command, host.now);
  const way = await wayTo(apiUrl, host, timeoutMs);
  const heard = await probe.repeat(
    { what: "GET /v1/rooms", url: `${apiUrl}/v1/rooms`, headers: headersFor(command, keys.publicKey) },
    3,
  );
  const answers = answersOf(heard);
  tellWay(findings, way, answers.length > 0);
  if (answers.length === 0) tellProxy(findings, host);
  const body = tellCalls(findings, heard, { ...telling, fault: way.fault?.kind });
  const feed = body === undefined ? undefined : feedOf(findings, body, page);
  tellKeys(findings, keys, feed !== undefined);
  const clock = clockOf(answers);
  if (answers.length > 0) tellClock(findings, clock, clockMeaning);
  if (feed !== undefined) tellRooms(findings, feed.inspected, url);
  tellAddress(findings, command, page.address);
  const visiting: Visiting = {
    ...keys,
    apiUrl,
    probe,
    feed,
    curtain,
    isReachable: answers.length > 0 && !hasRefusal(findings),
  };
  const visits = await tellVisits(findings, command, host, visiting);
  const { rooms = [], covering, told } = feed?.inspected ?? {};
  return {
    ok: isWell(findings.checks),
    service: "CrowdHandler",
    page: withoutValues(url),
    api: apiUrl,
    checks: findings.checks,
    calls: probe.calls,
    clock,
    told: told === undefined ? null : withoutValues(told),
    room: covering === undefined ? null : rooms[covering]?.slug ?? null,
    rooms: rooms.map(({ text, fault = null, ...room }) => ({ ...room, covers: text !== undefined, fault })),
    visits,
  };
}

const clockMeaning = {
  ahead: "In hybrid mode sessions end so much too early.",
  behind:
    "In hybrid mode a promotion of more than 60 s in the future is not believed, and sessions last so much longer.",
};

interface Keys {
  readonly publicKey: string;
  readonly privateKey: string | undefined;
  readonly token: string | undefined;
}

async function keysOf(
  { publicKey: source, privateKey: secret, token: brought }: CrowdhandlerDoctor,
  host: Host,
  curtain: Curtain,
): Promise<Keys> {
  const [publicKey, privateKey] = [await keyOf(source, host), await keyOf(secret, host)];
  const token = await keyOf(brought, host);
  for (const each of [publicKey, privateKey, token]) curtain.add(each);
  if (publicKey === undefined) {
    throw new UsageError(
      "Which public key? STANCHION_PUBLIC_KEY in the environment, --public-key-file or --public-key",
    );
  }
  for (const [name, key] of [["public", publicKey], ["private", privateKey]] as const) {
    if (key !== undefined && !/^[\x21-\x7e]{1,256}$/.test(key)) {
      throw new UsageError(
        `The ${name} key must be one word of printable characters, without quotes and blanks around it`,
      );
    }
  }
  // By HTTP Basic it travels in this form.
  curtain.add(btoa(`${publicKey}:`));
  return { publicKey, privateKey, token };
}

function headersFor({ auth }: CrowdhandlerDoctor, publicKey: string): Readonly<Record<string, string>> {
  const accept = "application/json";
  return auth === "basic"
    ? { accept, authorization: `Basic ${btoa(`${publicKey}:`)}` }
    : { accept, "x-api-key": publicKey };
}

function feedOf(findings: Findings, body: string, page: SeenPage): Feed | undefined {
  try {
    const value = readJson(body);
    return { value, inspected: inspectRooms(value, page) };
  } catch {
    tellMalformed(findings, "GET /v1/rooms", body);
    return undefined;
  }
}

function tellKeys(findings: Findings, { publicKey, privateKey }: Keys, isAccepted: boolean): void {
  if (isAccepted) findings.ok("key", "accepted", "The service accepts the public key.");
  else if (!hasRefusal(findings)) {
    findings.note(
      "key",
      "unknown",
      "Whether the service accepts the public key is not known: it gave no answer that tells.",
    );
  }
  if (publicKey.length !== 64) {
    const message = `The public key has ${publicKey.length} characters, and those of CrowdHandler have 64.`;
    findings.note("key", "length", message, "Look whether all of it was copied, and no other key.");
  }
  if (privateKey === publicKey) {
    const message = "The private key is the public one: every visitor knows it, and could sign a promotion.";
    findings.problem("key", "same", message, "Take the private key from the control panel.");
  }
}

function hasRefusal({ checks }: Findings): boolean {
  return checks.some(({ topic, code }) => topic === "key" && code === "refused");
}

function tellRooms(findings: Findings, inspected: InspectedRooms, url: string): void {
  const { rooms, covering, text, told, warnings } = inspected;
  for (const warning of warnings) {
    findings.problem("rooms", "feed", `Of the feed: ${warning}.`, "Mend the room in the control panel.");
  }
  const room = covering === undefined ? undefined : rooms[covering];
  const { hostname } = new URL(url);
  if (room !== undefined) {
    findings.ok("rooms", "covered", `The room "${room.slug}" covers the page: ${patternOf(room)}.`);
    if (room.text !== text) {
      const shown = withoutValues(room.text ?? "");
      const message = `It covers the page in the spelling ${shown}, which is not that of the URL.`;
      findings.note(
        "rooms",
        "spelling",
        message,
        "The gate asks in this spelling as well, so that nobody passes by writing it otherwise.",
      );
    }
  } else if (rooms.length === 0) {
    findings.problem(
      "rooms",
      "none",
      "The account has no rooms: everybody is let in.",
      "Make a room in the control panel.",
    );
  } else if (rooms.some(({ isOnHost }) => isOnHost)) {
    const message = `No room covers the page, though there are rooms for ${hostname}: everybody is let in.`;
    findings.note(
      "rooms",
      "not-covered",
      message,
      "If the page is to be protected, compare the patterns below with its path and query.",
    );
  } else {
    const message = `No room is for the host ${hostname}: everybody is let in there.`;
    findings.problem(
      "rooms",
      "other-host",
      message,
      "Compare the host with the domains below: www., other ports and other endings are other hosts.",
    );
  }
  findings.ok("page", "told", `The service is asked about the page as ${withoutValues(told)}.`);
  if (/^http:/i.test(url)) {
    const message =
      "The page is not encrypted. CrowdHandler knows pages by https only, and by that it is asked.";
    findings.note("page", "http", message, "Browsers keep its cookie over https only, but for localhost.");
  }
}

/** By what a room covers pages, in words. */
export function patternOf(
  { domain, patternType, urlPattern }: Pick<InspectedRoom, "domain" | "patternType" | "urlPattern">,
): string {
  switch (patternType) {
    case "all":
      return `all of ${domain}`;
    case "contains":
      return `${domain}, path and query contain ${JSON.stringify(urlPattern)}`;
    case "regex":
      return `${domain}, path and query match the regular expression ${JSON.stringify(urlPattern)}`;
    default:
      return `${domain}, with a pattern of the unknown type ${
        JSON.stringify(patternType)
      }, which covers nothing`;
  }
}
