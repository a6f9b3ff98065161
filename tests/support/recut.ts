/** Genuine session cookies of Queue-it, and all other cookies that the same signature covers. */

import type { SessionContent } from "../../plugins/queue-it/protocol/session-cookie.ts";
import { cookieOf, guid, now, sealed, sign, signedFields } from "../plugins/queue-it/_helpers.ts";

/** The values of the signed fields, in their order; `""` for one that is absent. */
export type Values = readonly string[];

/** Another way to cut what was signed. */
export interface Recut {
  readonly values: Values;
  /** The cookie, with the hash of the genuine one. */
  readonly text: string;
}

/** The address of the visitor. */
export const visitorAddress = "82.192.173.38";

/** What genuine sessions are made of: each choice invites characters to move over one of the borders. */
export const choices = {
  /** Beginnings of each other, with digits, letters and hyphens at their ends, and with the beginning of a GUID. */
  EventId: ["event1", "event", "event13", "event1a", "Event1", "a-b-c-d-e", "event1-7c1f7c3d", "e"],
  QueueId: [
    guid,
    "7c1f7c3d-2d1b-4f5e-9a10-0b2d0f6ea921",
    "12345678-1234-1234-1234-123456789012",
    "ABCDEF00-ABCD-ABCD-ABCD-ABCDEFABCDEF",
    "00000000-0000-0000-0000-000000000000",
  ],
  FixedValidityMins: [undefined, "0", "3", "17", "921", "1440"],
  RedirectType: ["queue", "", "idle", "safetynet", "a", "face"],
  IssueTime: [now - 60, now - 21 * 60, now - 3 * 3600, now],
  Hip: [undefined, sign(visitorAddress)],
} as const;

/** How many genuine sessions with a queue id there are. */
export const genuineCount: number = Object.values(choices).reduce((count, { length }) => count * length, 1);

/** One of them. */
export function genuineAt(at: number): string {
  let rest = at;
  const fields: Record<string, string | number | undefined> = {};
  for (const [name, values] of Object.entries(choices)) {
    fields[name] = values[rest % values.length];
    rest = Math.floor(rest / values.length);
  }
  return cookieOf(fields);
}

/** The sessions without a queue id that connectors write when a direct pass fails. */
export const unansweredSessions: readonly string[] = choices.EventId.flatMap((EventId) =>
  [now - 60, now - 4 * 60].flatMap((IssueTime) =>
    [undefined, ""].map((QueueId) =>
      cookieOf({ EventId, QueueId, FixedValidityMins: "3", RedirectType: "timeout", IssueTime })
    )
  )
);

/** Sessions with a seal: without a queue id, which nothing else keeps together, and with one. */
export const sealedSessions: readonly string[] = ["event1", "event", "event13"].flatMap((EventId) =>
  [undefined, guid].flatMap((QueueId) =>
    [undefined, "3", "13"].map((FixedValidityMins) =>
      sealed(cookieOf({ EventId, QueueId, FixedValidityMins, RedirectType: "queue" }))
    )
  )
);

/** Sessions without a queue id, most of which are other sessions as well once their seal is taken away. */
export const anonymousSessions: readonly SessionContent[] = [
  `event1-${guid}`,
  `event1${guid}`,
  `e${guid}x`,
  `e${guid}12`,
  "event1-7c1f7c3d-2d1b-4f5e-9a10-0b2d0f6ea92",
  "event1-7c1f7c3d-2d1b-4f5e-9a10-",
  "event3",
  "event13timeout",
  "event3time",
  "event",
  guid,
].flatMap((roomId) =>
  [0, 3, 13, 921].flatMap((fixedMinutes) =>
    ["timeout", "queue", "", "out", "a"].flatMap((redirectType) =>
      ["", sign(visitorAddress)].map((hashedAddress) => ({
        roomId,
        queueId: "",
        fixedMinutes,
        redirectType,
        hashedAddress,
      }))
    )
  )
);

/** What the signed fields of a cookie say. */
export function valuesOf(cookie: string): Values {
  const fields = new Map(cookie.split("&").map((part) => part.split("=") as [string, string]));
  return signedFields.map((name) => fields.get(name) ?? "");
}

/**
 * All ways to cut the signed text into fields that can be what they are called: digits, letters, digits of a time, digits of a
 * hash, of whatever length; and before them any event id and any queue id. Each is written with its empty fields and without.
 */
export function* recuts(cookie: string): Generator<Recut> {
  const text = valuesOf(cookie).join("");
  const ends = /&(?:Seal|Hash)=.*$/.exec(cookie)?.[0] ?? "";
  const bare = ends.replace(/&Seal=[^&]*/, "");
  for (const tail of tailsOf(text)) {
    const begin = text.length - tail.join("").length;
    for (let end = 0; end <= begin; end++) {
      const values = [text.slice(0, end), text.slice(end, begin), ...tail];
      for (const keepsEmpty of [false, true]) {
        const parts = signedFields.map((name, at) => [name, values[at] ?? ""] as const)
          .filter(([, value]) => value !== "" || keepsEmpty).map(([name, value]) => `${name}=${value}`);
        for (const end of new Set([ends, bare])) yield { values, text: parts.join("&") + end };
      }
    }
  }
}

/** All ways to cut validity, type, time and address off the end of a text. */
function* tailsOf(text: string): Generator<Values> {
  for (const hashLength of [0, 63, 64, 65]) {
    const hashed = text.length - hashLength;
    for (let issued = hashed; issued === hashed || /[0-9]/.test(text[issued] ?? ""); issued--) {
      for (let typed = issued; typed === issued || /[A-Za-z]/.test(text[typed] ?? ""); typed--) {
        for (let fixed = typed; fixed === typed || /[0-9]/.test(text[fixed] ?? ""); fixed--) {
          if (fixed < 0) break;
          yield [
            text.slice(fixed, typed),
            text.slice(typed, issued),
            text.slice(issued, hashed),
            text.slice(hashed),
          ];
        }
      }
    }
  }
}
