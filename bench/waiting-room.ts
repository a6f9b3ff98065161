/**
 * What does a waiting room cost a process, by who comes?
 *
 * The store is memory, so that what is measured is the gate, the tickets, the node and the machine. Requests come by the hundred, as
 * they do in a crowd, since a node asks its store in batches. CPU time is counted, and not how long anybody waits.
 *
 * @module
 */

import process from "node:process";
import { createGate, failClosed } from "../mod.ts";
import { waitingRoom, type WaitingRoomOptions } from "../plugins/waiting-room/mod.ts";
import { createSigner } from "../src/crypto/signer.ts";
import type { Median, Question, Values } from "./_question.ts";

const bare = "bare handler";
const hash = "hash alone";
const variants = {
  pass: "holder of a pass",
  newcomer: "newcomer who gets a number",
  reload: "holder of a ticket who reloads",
  status: "status poll",
  checkIn: "check-in of somebody present",
} as const;
const at = "CPU, µs a request";
const crowd = 100;
const site = "https://shop.example.com/tickets";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The waiting room in a process",
  unit: "µs",
  variants: [bare, hash, ...Object.values(variants)],
  rounds: { full: 2, quick: 1 },
  targets: [
    {
      claim: "a pass that is checked, above the bare handler, µs",
      value: (median: Median) => median(variants.pass, at) - median(bare, at),
      atMost: 25,
      unit: "µs",
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const seconds = isQuick ? 0.3 : 1;
    if (variant === hash) {
      const signer = createSigner(["0123456789abcdef0123456789abcdef"]);
      const text = "x".repeat(96);
      return { [at]: await cpuOf(() => signer.sign(text), seconds) };
    }
    const ask = await asker(variant);
    return { [at]: await cpuOf(ask, seconds) };
  },
};

/** CPU time of a call, in microseconds. */
async function cpuOf(work: () => unknown, seconds: number): Promise<number> {
  const round = async () => void await Promise.all(Array.from({ length: crowd }, work));
  const until = (ms: number) => {
    const end = performance.now() + ms;
    return () => performance.now() < end;
  };
  for (const goesOn = until(500); goesOn();) await round();
  let calls = 0;
  const before = process.cpuUsage();
  for (const goesOn = until(1000 * seconds); goesOn(); calls += crowd) await round();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Makes requests of one kind, and makes sure that they are answered as that kind is. */
async function asker(variant: string): Promise<() => unknown> {
  const served = () => new Response("page");
  const navigation = {
    "accept": "text/html",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "x-forwarded-for": "203.0.113.7",
  };
  if (variant === bare) {
    const handler = (request: Request) => request.url === site ? served() : undefined;
    return () => handler(new Request(site, { headers: { ...navigation, cookie: "session=1" } }));
  }
  const limits = variant === variants.pass ? { admitPerMinute: 600_000 } : { admitPerMinute: 60 };
  const gate = gateOf(limits);
  const open = async (headers: Record<string, string> = {}) =>
    await gate(new Request(site, { headers: { ...navigation, ...headers } }), served);
  // The limits let a few in at once; whoever comes after them waits.
  let first = await open();
  const isRight = variant === variants.pass ? 200 : 503;
  for (let visits = 0; first.status !== isRight && visits < 20; visits++) first = await open();
  if (first.status !== isRight) throw new Error(`${variant}: the first visitor got ${first.status}`);
  const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  switch (variant) {
    case variants.newcomer:
      return () => open();
    case variants.status:
      return () => gate(new Request("https://shop.example.com/.stanchion/main/status"), served);
    case variants.checkIn:
      return () =>
        gate(
          new Request("https://shop.example.com/.stanchion/main/check-in", {
            method: "POST",
            headers: { cookie, "sec-fetch-site": "same-origin", "content-type": "application/json" },
            body: "{}",
          }),
          served,
        );
    default: {
      // The first request that brings a pass says that the place was taken; from then on it is only checked.
      const again = await open({ cookie });
      const kept = again.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
      return () => gate(new Request(site, { headers: { ...navigation, cookie: kept } }), served);
    }
  }
}

function gateOf(limits: { readonly admitPerMinute: number }) {
  const options: WaitingRoomOptions = {
    ...limits,
    secretKeys: ["0123456789abcdef0123456789abcdef"],
    // All come from one address here, which nobody is to be asked about.
    challenge: () => undefined,
  };
  return createGate({
    publicHosts: ["shop.example.com"],
    plugins: [failClosed(), waitingRoom(options)],
  });
}
