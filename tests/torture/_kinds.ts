/** The kinds of proofs of a promotion, each with a gate that takes it and a reader of our own. */

import { cookieTokens, createGate, failClosed, type Gate, type Plugin, ServiceError } from "../../mod.ts";
import { grace } from "../../plugins/grace/mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { graceCookies, markOf } from "../../plugins/grace/cookie.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { createSessionCookies } from "../../plugins/queue-it/protocol/session-cookie.ts";
import { guidPattern, wholePattern } from "../../plugins/queue-it/protocol/session-fields.ts";
import { createSigner } from "../../src/crypto/signer.ts";
import { queueItEvent, type QueueItEventOptions } from "../../plugins/queue-it/mod.ts";
import { hybridCookie, other, publicKey, signature, validParts } from "../plugins/crowdhandler/_helpers.ts";
import { asDeployed, cookieOf, customerId, sign, tokenOf } from "../plugins/queue-it/_helpers.ts";
import type { Shape } from "./_mutants.ts";
import {
  address,
  cookieIn,
  decoded,
  graceName,
  graceSecret,
  guid,
  now,
  nowMs,
  privateKey,
  readFreshLink,
  readHybridSession,
  readQueueItSession,
  readQueueItToken,
  requested,
  room,
  secret,
  sessionName,
  start,
  token,
} from "./_proofs.ts";
import { connection } from "./_worlds.ts";

/** A kind of proof. */
export interface Kind {
  readonly name: string;
  /** Genuine ones: of different visitors, times and addresses. */
  readonly genuine: readonly string[];
  readonly shape?: { readonly fields: Shape; readonly read: (text: string) => ReadonlyMap<string, string> };
  /** The texts as they are sent: as they stand, or percent-encoded. */
  readonly spellings: readonly ((text: string) => string)[];
  /** Whether somebody who brings this is let in. */
  admits(sent: string): boolean | Promise<boolean>;
  /** What it means to a reader that is not the gate's; `undefined` if it proves nothing. */
  meaning(sent: string): object | undefined;
  /** Whether a text says another thing that the same signature covers: what `queueIdPattern` and `seal` are for. */
  permits?(meaning: object): boolean;
}

const plain = (text: string) => text;

function handlerOf(provider: Plugin, nowMs: number, tokens: Plugin = cookieTokens()): Gate {
  return createGate({ plugins: [tokens, failClosed(), provider], now: () => nowMs, onError() {} });
}

/** Sends a request and tells whether its visitor was let in: served, or given a session with a clean URL. */
function visit(gate: Gate, url: string, cookie: string | undefined): boolean | Promise<boolean> {
  let served = false;
  const headers = {
    get: (name: string) => name === "cookie" && cookie !== undefined ? cookie : null,
    has: () => false,
  };
  // As much of a request as these gates look at; bytes reach them as they stand here.
  const request = { url, method: "GET", headers } as unknown as Request;
  const answer = gate(request, () => {
    served = true;
    return new Response("page");
  }, connection);
  const isIn = (response: Response) =>
    served || (response.headers.get("location") ?? "").startsWith("https://shop.example.com/");
  return answer instanceof Promise
    ? answer.then((response) => isIn(response as Response))
    : isIn(answer as Response);
}

const base = "https://shop.example.com/tickets";

/** Fields of the form `name=value&name=value` or `name_value~name_value`. */
function fieldsOf(names: readonly string[], equals: string, separator: string): NonNullable<Kind["shape"]> {
  return {
    fields: {
      names,
      write: (fields) => fields.map(([name, value]) => `${name}${equals}${value}`).join(separator),
    },
    read: (text) =>
      new Map(
        text.split(separator).map((part) => {
          const at = part.indexOf(equals);
          return [part.slice(0, at), part.slice(at + 1)] as const;
        }),
      ),
  };
}

const secondGuid = "0f3a7d11-9c2e-4b6a-8f10-1234567890ab";

function queueItSession(name: string, options: Partial<QueueItEventOptions>, more: Partial<Kind> = {}): Kind {
  const seal = options.seal ?? "write";
  const sessions = createSessionCookies({
    signer: createSigner([secret]),
    memoSize: 0,
    maxFixedMinutes: 1440,
    queueIdPattern: wholePattern(guidPattern),
    seal,
    writesEmptyQueueId: false,
  });
  const written = (queueId: string, fixedMinutes: number, hashedAddress: string, issuedAt: number) =>
    sessions.write(
      { roomId: "event1", queueId, fixedMinutes, redirectType: "queue", hashedAddress },
      issuedAt,
    );
  const genuine = [
    written(guid, 0, "", now - 60),
    written(secondGuid, 3, "", now - 120),
    written(guid, 30, sign(address), now - 30),
    written(secondGuid, 0, sign(address), now - 240),
  ];
  const gate = handlerOf(
    queueItEvent({
      customerId,
      secretKeys: [secret],
      eventId: "event1",
      queueDomain: "ticketania.queue-it.net",
      extendValidity: false,
      ...options,
    }),
    nowMs,
  );
  const names = [
    "EventId",
    "QueueId",
    "FixedValidityMins",
    "RedirectType",
    "IssueTime",
    "Hip",
    "Seal",
    "Hash",
  ];
  return {
    name,
    genuine,
    shape: fieldsOf(names.filter((field) => seal !== "off" || field !== "Seal"), "=", "&"),
    spellings: [plain, encodeURIComponent],
    admits: (sent) => visit(gate, base, `a=b; ${sessionName}=${sent}`),
    meaning: (sent) => readQueueItSession(cookieIn(`a=b; ${sessionName}=${sent}`, sessionName)),
    ...more,
  };
}

/** All kinds. */
export function kinds(): readonly Kind[] {
  const ids = new Map([["AAAAAAAAAAAAAAAAAAAAAA", 1], ["bcdefghijklmnopqrst_-w", 2]]);
  const storage = {
    getItem: (key: string) => {
      const [, id = "", name] = key.split(":");
      return ids.has(id) && name === sessionName ? `~${cookieOf()}` : null;
    },
    setItem() {},
    removeItem() {},
  };
  const event = {
    customerId,
    secretKeys: [secret],
    eventId: "event1",
    queueDomain: "ticketania.queue-it.net",
    extendValidity: false,
  };
  const graces = graceCookies([graceSecret]);
  // Of two times in one room; the third is of another room, in a gate that does not know its rooms.
  const places: readonly (readonly [number, string])[] = [
    [start - 60_000, "hall"],
    [start - 120_000, "hall"],
    [start, "yard"],
  ];
  const down = createGate({
    plugins: [cookieTokens(), grace({ secrets: [graceSecret], scope: "shop" }), failClosed(), {
      name: "down",
      decide() {
        throw new ServiceError("unreachable", "the service is down");
      },
    }],
    now: () => start,
    onError() {},
  });
  const stored = handlerOf(queueItEvent(event), nowMs, storageTokens({ storage }));
  const tokens = handlerOf(queueItEvent(event), nowMs);
  const hybrid = handlerOf(
    crowdhandler({
      publicKey,
      privateKey,
      mode: "hybrid",
      publicHosts: ["shop.example.com"],
      performance: { sample: 0 },
      fetch: (url) =>
        Promise.resolve(
          new Response(JSON.stringify({
            result: String(url).endsWith("/rooms")
              ? [{ ...room, patternType: "all" }]
              : { status: 1, promoted: 0, slug: room.slug, token: null },
          })),
        ),
      warn() {},
    }),
    start,
  );
  // Nothing stands between what is signed, so bytes can pass from one value to the next. Never to or from time and address.
  const concatenated = (meaning: object) => {
    const { issued, hip } = meaning as { issued: number; hip: string };
    return [60, 120, 30, 240].includes(now - issued) && ["", sign(address)].includes(hip);
  };
  const parts = [validParts(), validParts(other, start - 120_000), {
    ...validParts(token, start - 600_000),
    gen: "2030-01-15T11:45:00Z",
    sig: signature(token, "2030-01-15T11:45:00Z"),
  }];
  const hybridNames = ["token", "touched", "touchedSig", "gen", "sig"];
  return [
    queueItSession("Queue-it session", {}),
    queueItSession("Queue-it session, without a seal", { seal: "off" }),
    queueItSession("Queue-it session, with a required seal", { seal: "require" }),
    queueItSession("Queue-it session, of any queue id", asDeployed, {
      permits: concatenated,
      meaning: (sent) =>
        readQueueItSession(cookieIn(`a=b; ${sessionName}=${sent}`, sessionName), address, true),
    }),
    {
      name: "Queue-it token",
      genuine: [
        tokenOf(),
        tokenOf({ q: secondGuid, ts: now + 60, cv: 10 }),
        tokenOf({ hip: sign(address), rt: "safetynet" }),
      ],
      shape: fieldsOf(["e", "q", "ts", "ce", "cv", "rt", "hip", "h"], "_", "~"),
      spellings: [plain],
      admits: (sent) => visit(tokens, `${base}?queueittoken=${sent}`, undefined),
      meaning: (sent) =>
        readQueueItToken(decoded(/^queueittoken=([^&#]*)/.exec(queryOf(`queueittoken=${sent}`))?.[1] ?? "")),
    },
    {
      name: "CrowdHandler session",
      genuine: parts.map((each) => decodeURIComponent(hybridCookie(each).slice("crowdhandler=".length))),
      shape: {
        fields: {
          names: hybridNames,
          write(fields) {
            const texts = (names: readonly string[]) =>
              fields.filter(([name]) => names.includes(name)).map(([name, value]) =>
                `"${name}":${name === "touched" ? value : `"${value}"`}`
              ).join(",");
            return `{"integration":"JSDK","tokens":[{${
              texts(["token", "touched", "touchedSig"])
            },"signatures":[{${texts(["gen", "sig"])}}]}]}`;
          },
        },
        read: (text) =>
          new Map(
            hybridNames.map((name) => [name, new RegExp(`"${name}":"?([^",}]*)`).exec(text)?.[1] ?? ""]),
          ),
      },
      spellings: [plain, encodeURIComponent],
      admits: (sent) => visit(hybrid, base, `crowdhandler=${sent}`),
      meaning: (sent) => readHybridSession(cookieIn(`crowdhandler=${sent}`, "crowdhandler")),
      // A signed time is good for any token, and a token's older signature for the token.
      permits(meaning) {
        const { token, touched, gen } = meaning as { token: string; touched: number; gen: string };
        return parts.some((part) => Number(part.touched) === touched) &&
          parts.some((part) => part.token === token && part.gen === gen);
      },
    },
    {
      name: "CrowdHandler link",
      genuine: [[token, requested], [other, requested], [token, "2030-01-15T11:45:00Z"]].map(([id, gen]) =>
        `ch-id=${id}&ch-id-signature=${signature(id, gen)}&ch-requested=${gen}`
      ),
      shape: fieldsOf(["ch-id", "ch-id-signature", "ch-requested"], "=", "&"),
      spellings: [plain],
      admits: (sent) => visit(hybrid, `${base}?${sent}`, undefined),
      meaning: (sent) => readFreshLink(queryOf(sent)),
    },
    {
      name: "grace cookie",
      genuine: places.map(([at, hall]) => graces.write({ scope: "shop", address: "" }, markOf(hall), at)),
      shape: {
        fields: {
          names: ["version", "time", "room", "signature"],
          write: (fields) => fields.map(([, value]) => value).join("."),
        },
        read: (text) =>
          new Map(
            text.split(".").map((part, at) => [["version", "time", "room", "signature"][at] ?? "", part]),
          ),
      },
      spellings: [plain],
      admits: (sent) => visit(down, base, `${graceName}=${sent}`),
      meaning: (sent) => {
        const at = places.findIndex(([at, hall]) =>
          [sent.trim(), `"${sent.trim()}"`].some((text) =>
            text.replace(/;.*$/s, "").replace(/^[ \t]*"?|"?[ \t]*$/g, "") ===
              graces.write({ scope: "shop", address: "" }, markOf(hall), at)
          )
        );
        return at === -1 ? undefined : { at };
      },
    },
    {
      name: "id of stored tokens",
      genuine: [...ids.keys()],
      spellings: [plain, encodeURIComponent],
      admits: (sent) => visit(stored, base, `__Host-stanchion=${sent}`),
      meaning: (sent) => {
        const found = ids.get(cookieIn(`__Host-stanchion=${sent}`, "__Host-stanchion") ?? "");
        return found === undefined ? undefined : { found };
      },
    },
  ];
}

/** A query as parsers of URLs leave it, which drop tabs and encode what cannot stand there. */
function queryOf(sent: string): string {
  return /[^!-~]/.test(sent) ? new URL(`${base}?${sent}`).search.slice(1) : sent;
}
