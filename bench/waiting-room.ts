/**
 * What does a waiting room cost a process, by who comes?
 *
 * The store is memory, so that what is measured is the gate, the tickets, the node and the machine. Requests come by the hundred, as
 * they do in a crowd, since a node asks its store in batches. CPU time is counted, and not how long anybody waits: of turns in one process, in
 * which a handler without a gate and what no gate can do without have theirs as well.
 *
 * @module
 */

import { createGate, failClosed } from "../mod.ts";
import { waitingRoom, type WaitingRoomOptions } from "../plugins/waiting-room/mod.ts";
import { createSigner } from "../src/crypto/signer.ts";
import { createSealer, createTags, firstPass, renewedPass } from "../plugins/waiting-room/tickets/mod.ts";
import type { Median, Question, Values } from "./_question.ts";
import { mediansOf, type Work } from "./_turns.ts";

const bare = "bare handler";
/** What no gate can do without. */
const reading = "handler that reads the headers of a visitor";
const hash = "hash alone";
const variants = {
  pass: "holder of a pass",
  unseen: "holder of a pass that was not seen before",
  newcomer: "newcomer who gets a number",
  reload: "holder of a ticket who reloads",
  status: "status poll",
  checkIn: "check-in of somebody present",
} as const;
const ours = "with the gate";
const crowd = 100;
/** How many passes come one after the other: several times as many as the room remembers to have verified. */
const passes = 20_000;
const secretKeys = ["0123456789abcdef0123456789abcdef"];
const site = "https://shop.example.com/tickets";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The waiting room in a process",
  unit: "CPU, µs a request",
  variants: Object.values(variants),
  rounds: { full: 2, quick: 1 },
  targets: ([
    [variants.pass, "a pass that is checked", reading, 0],
    [variants.unseen, "a pass that is checked, unseen, its HMAC included", `${reading}, and one HMAC`, 1],
  ] as const).map(([variant, claim, floor, hashes]) => ({
    claim: `${claim}, above the bare handler, µs`,
    value: (median: Median) => median(variant, ours) - median(variant, bare),
    atMost: 25,
    unit: "µs" as const,
    floor: {
      of: floor,
      value: (median: Median) => {
        return median(variant, reading) - median(variant, bare) + hashes * median(variant, hash);
      },
    },
  })),
  async measure(variant, isQuick): Promise<Values> {
    const ask = await asker(variant);
    const signer = createSigner(secretKeys);
    const text = "x".repeat(96);
    const works: Record<string, Work> = {
      [ours]: inCrowds(ask),
      [bare]: inCrowds(withoutGate([])),
      [reading]: inCrowds(withoutGate(["cookie", ...Object.keys(navigation)])),
      [hash]: inCrowds(() => signer.sign(text)),
    };
    return await mediansOf(works, isQuick ? 12 : 40);
  },
};

/** Calls of a hundred at once. */
function inCrowds(ask: () => unknown): Work {
  return { call: () => Promise.all(Array.from({ length: crowd }, ask)), calls: 20, each: crowd };
}

const navigation = {
  "accept": "text/html",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "x-forwarded-for": "203.0.113.7",
};

function served(): Response {
  return new Response("page");
}

/** Requests for a handler that looks at some headers. */
function withoutGate(names: readonly string[]): () => unknown {
  const handler = (request: Request) =>
    request.url === site && names.every((name) => request.headers.get(name) !== null) ? served() : undefined;
  return () => handler(new Request(site, { headers: { ...navigation, cookie: "session=1" } }));
}

/** Makes requests of one kind, and makes sure that they are answered as that kind is. */
async function asker(variant: string): Promise<() => unknown> {
  const isInside = variant === variants.pass || variant === variants.unseen;
  const limits = isInside ? { admitPerMinute: 600_000 } : { admitPerMinute: 60 };
  const gate = gateOf(limits);
  const open = async (headers: Record<string, string> = {}) =>
    await gate(new Request(site, { headers: { ...navigation, ...headers } }), served);
  // The limits let a few in at once; whoever comes after them waits.
  let first = await open();
  const isRight = isInside ? 200 : 503;
  for (let visits = 0; first.status !== isRight && visits < 20; visits++) first = await open();
  if (first.status !== isRight) throw new Error(`${variant}: the first visitor got ${first.status}`);
  const cookie = cookieOf(first) ?? "";
  switch (variant) {
    case variants.newcomer:
      return () => open();
    case variants.status:
      return () => gate(statusRequest(), served);
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
      const kept = cookieOf(again) ?? cookie;
      if (variant !== variants.unseen) {
        return () => gate(new Request(site, { headers: { ...navigation, cookie: kept } }), served);
      }
      const { epoch, now }: { epoch: number; now: number } = await (await gate(statusRequest(), served))
        .json();
      const cookies = passesOf(kept, epoch, now);
      let next = 0;
      const ask = () => {
        const cookie = cookies[next++ % passes] ?? "";
        return gate(new Request(site, { headers: { ...navigation, cookie } }), served);
      };
      if (cookieOf(await ask()) !== undefined) throw new Error(`${variant}: the pass did not count`);
      return ask;
    }
  }
}

function cookieOf(response: Response): string | undefined {
  return response.headers.getSetCookie()[0]?.split(";")[0];
}

function statusRequest(): Request {
  return new Request("https://shop.example.com/.stanchion/main/status");
}

/** Cookies with passes of many visitors, as a renewal gives them, under the name of somebody's cookie. */
function passesOf(cookie: string, epoch: number, now: number): readonly string[] {
  const sealer = createSealer(secretKeys);
  const newTag = createTags();
  const [name] = cookie.split("=", 1);
  const until = now + 900_000;
  return Array.from({ length: passes }, (_, at) => {
    const pass = renewedPass(firstPass({ epoch, number: at + 1, tag: newTag() }, until, now), until, now);
    return `${name}=${sealer.seal("stanchion:main", pass, "")}`;
  });
}

function gateOf(limits: { readonly admitPerMinute: number }) {
  const options: WaitingRoomOptions = {
    ...limits,
    secretKeys,
    // All come from one address here, which nobody is to be asked about.
    challenge: () => undefined,
  };
  return createGate({
    publicHosts: ["shop.example.com"],
    plugins: [failClosed(), waitingRoom(options)],
  });
}
