/**
 * What does a server take for those who wait, beside one that sends the same bytes without a thought?
 *
 * Each process has three servers: the room's, a bare one that repeats an answer of the room with all of its headers, and a bare one that first reads
 * what no room can do without, checks or makes a signature, and writes a page that is another one each time. They are loaded in turns.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { createGate, failClosed } from "../mod.ts";
import { waitingRoom, type WaitingRoomOptions } from "../plugins/waiting-room/mod.ts";
import { createSigner } from "../src/crypto/signer.ts";
import type { Median, Question, Values } from "./_question.ts";
import type { Handler } from "./_server.ts";
import { keeps, reading, repeating, sideBySide } from "./_side-by-side.ts";

const kinds = {
  status: "status poll",
  unchanged: "status poll, nothing changed",
  reload: "holder of a ticket who reloads",
  newcomer: "newcomer's page",
  /** What this way to measure makes of a known time: a server that is slower lets the loader sleep, and pays for waking it. */
  known: "no gate, but 10 µs that pass before each page",
} as const;
/** That time, in milliseconds. */
const knownMs = 0.01;
const sizes = "sizes";
const sizeOf = (at: string) => (median: Median) => median(sizes, at);
/** How long a process collects commands before it asks its store, in milliseconds. */
const batchMs = 5;
/** How many are in line before those who are measured. */
const crowd = 20_000;

/** What a browser says of a page that it opens. */
export const navigation = {
  "accept": "text/html",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};
/** The name of the site, without a port, as browsers ask for one: a URL with a port takes longer to read. */
const host = "shop.example.com";
const secretKeys = ["0123456789abcdef0123456789abcdef"];

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The waiting room's answers over HTTP",
  unit: "as each case says",
  variants: [...Object.values(kinds), sizes],
  rounds: { full: 1, quick: 1 },
  targets: [
    keeps({
      kind: kinds.status,
      claim: "a status poll, bare server ÷ ours",
      atLeast: 0.9,
      floor: "a bare server that reads URL and cookie",
    }),
    keeps({
      kind: kinds.reload,
      claim: "a holder's reload of the page, bare server ÷ ours",
      atLeast: 0.9,
      floor:
        "a bare server that reads URL and cookie, checks one HMAC, and joins a page that is another one each time",
    }),
    keeps({
      kind: kinds.newcomer,
      claim: "a newcomer's page, bare server ÷ ours",
      atLeast: 0.7,
      floor:
        "a bare server that reads URL and cookie, waits 5 ms with those who come meanwhile, makes one HMAC, and joins a page that is another one each time",
    }),
    { claim: "the page", value: sizeOf("page, bytes"), atMost: 14_000, unit: "bytes" },
    { claim: "the status with the longest note", value: sizeOf("status, bytes"), atMost: 300, unit: "bytes" },
    { claim: "the cookie of a pass", value: sizeOf("cookie of a pass, bytes"), atMost: 250, unit: "bytes" },
  ],
  measure: (variant, isQuick) =>
    variant === sizes ? measureSizes() : measureServers(variant, isQuick ? 2 : 6),
};

async function measureServers(kind: string, seconds: number): Promise<Values> {
  // Far more come than are let in, and none of them checks in.
  const gate = gateOf({ admitPerMinute: 60 });
  const site = `http://${host}/tickets`;
  const visit = (headers: Record<string, string> = {}) =>
    gate(new Request(site, { headers: { ...navigation, ...headers } }));
  let last = await visit();
  for (let come = 0; come < crowd; come += 100) {
    [last = last] = await Promise.all(Array.from({ length: 100 }, () => visit()));
  }
  if (cookieOf(last) === "") throw new Error("The last of the crowd got no number");
  const isStatus = kind === kinds.status || kind === kinds.unchanged;
  const target = isStatus ? `http://${host}/.stanchion/main/status` : site;
  const etag = async () => (await gate(new Request(target))).headers.get("etag") ?? "";
  const headers: Record<string, string> = isStatus
    ? kind === kinds.unchanged ? { "if-none-match": await etag() } : {}
    : kind === kinds.reload
    ? { ...navigation, cookie: cookieOf(last) }
    : navigation;
  const answer = await gate(new Request(target, { headers }));
  const needed = isStatus ? reading(await repeating(answer.clone())) : await joining(answer.clone(), kind);
  const bare = await repeating(answer);
  return await sideBySide({
    target,
    headers,
    bare,
    gated: kind === kinds.known ? delayed(bare) : gate,
    needed,
    seconds,
    isError: !isStatus,
  });
}

/** The least that makes a page for one visitor: what is read, one hash, and three parts of the page with a number in between. A newcomer's waits for a number. */
async function joining(answer: Response, kind: string): Promise<Handler> {
  const { status } = answer;
  const headers = Object.fromEntries(answer.headers);
  const text = await answer.text();
  const third = Math.floor(text.length / 3);
  const parts = [text.slice(0, third - 8), text.slice(third, 2 * third), text.slice(2 * third)];
  const signer = createSigner(secretKeys);
  let visitor = 10_000_000;
  const make = reading(() => {
    const number = `${visitor++}`;
    const gap = signer.sign(number).slice(0, 4);
    return new Response(parts[0] + gap + parts[1] + gap + parts[2] + number.slice(4), { status, headers });
  });
  return kind === kinds.newcomer ? inBatches(make) : make;
}

/** The same for all that come within some milliseconds, as numbers are asked of a store. */
function inBatches(handler: (request: Request) => Response): Handler {
  let waiting: (() => void)[] = [];
  const answerAll = () => {
    const all = waiting;
    waiting = [];
    for (const answer of all) answer();
  };
  return (request) =>
    new Promise((resolve) => {
      if (waiting.push(() => resolve(handler(request))) === 1) setTimeout(answerAll, batchMs);
    });
}

/** The same, after some microseconds in which the processor does nothing else. */
function delayed(handler: () => Response): () => Response {
  return () => {
    const end = performance.now() + knownMs;
    while (performance.now() < end);
    return handler();
  };
}

/** Sizes with a name and a note as long as they may be. */
async function measureSizes(): Promise<Values> {
  const name = "a".repeat(32);
  const note = "The doors open a little later today; everybody keeps their place. ".repeat(8).slice(0, 500);
  const gate = gateOf({ rooms: [{ name, admitPerMinute: 180, note }] });
  const site = `https://${host}/tickets`;
  const visit = () => gate(new Request(site, { headers: navigation }));
  const pass = await visit();
  let waiting = pass;
  for (let come = 0; waiting.status === 200 && come < 100; come++) waiting = await visit();
  const status = await gate(new Request(`https://${host}/.stanchion/${name}/status`));
  const page = await waiting.text();
  return {
    "page, bytes": lengthOf(page),
    "page, gzipped, bytes": gzipSync(page).length,
    "status, bytes": lengthOf(await status.text()),
    "cookie of a pass, bytes": lengthOf(cookieOf(pass)),
    "cookie of a ticket, bytes": lengthOf(cookieOf(waiting)),
  };
}

function gateOf(options: WaitingRoomOptions) {
  return createGate({
    publicHosts: [host],
    // All come from one address here, which nobody is to be asked about.
    plugins: [failClosed(), waitingRoom({ ...options, secretKeys, challenge: () => undefined })],
  }).wrap(() => new Response("page"));
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
