/**
 * A provider of one's own: lets a limited number of visitors in at the same time, without any service.
 * `deno serve -A examples/few-at-once.ts`, `bun examples/few-at-once.ts`, or as a Worker.
 *
 * It is no queue: whoever asks first when a seat is free gets it. Seats are counted in memory, so each process or
 * isolate has its own, and after a restart all of them are free. The cookie is a ticket to whoever has it.
 *
 * In your own project, import from `stanchion`.
 *
 * @module
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  createGate,
  type Decision,
  type Facts,
  failClosed,
  prefetch,
  type Provider,
  staticFiles,
} from "../mod.ts";

/** The options of {@linkcode fewAtOnce}. */
export interface FewAtOnceOptions {
  /** Signs the tickets. */
  readonly secret: string;
  /** How many visitors may be in at once. */
  readonly seats: number;
  /** After how many seconds without a visit a seat is free again. */
  readonly idleSeconds: number;
}

/** Lets a limited number of visitors in at the same time. */
export function fewAtOnce({ secret, seats, idleSeconds }: FewAtOnceOptions): Provider {
  const taken = new Map<string, number>();
  const mac = (text: string) => bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(text)));

  /** The visitor of a ticket: it says until when it is good, whose it is, and proves both. Any other is nobody's. */
  function holder(ticket: string | undefined, now: number): string | undefined {
    const [until = "", visitor = "", proof = ""] = ticket?.split(".") ?? [];
    // Both sides are hashed once more, so that the time of the comparison tells nothing.
    return Number(until) > now && mac(mac(`${until}.${visitor}`)) === mac(proof) ? visitor : undefined;
  }

  return {
    name: "few-at-once",
    final: "decide",
    async decide(ctx) {
      const now = ctx.now();
      const known = holder(await ctx.tokens.read("seat"), now);
      for (const [visitor, until] of taken) if (until <= now) taken.delete(visitor);
      if (known === undefined && taken.size >= seats) return away("few-at-once/full");
      // Nobody looks at a page that is fetched in advance: no seat is taken for it.
      if (known === undefined && ctx.passive) return away("few-at-once/passive");
      const visitor = known ?? crypto.randomUUID();
      // While the gate explains, nothing changes; a visit that nobody looks at prolongs nothing.
      if (!ctx.dryRun && !ctx.passive) {
        const until = now + idleSeconds * 1000;
        taken.set(visitor, until);
        await ctx.tokens.write("seat", `${until}.${visitor}.${mac(`${until}.${visitor}`)}`);
      }
      // A newcomer proved nothing: the seat was free.
      const facts: Facts = { visitor, proven: known === undefined ? undefined : "signature" };
      return { action: "admit", reason: "few-at-once/seated", facts };
    },
    health: () => ({ seats, taken: taken.size }),
  };
}

/** Browsers try again by themselves, and honest programs know when to. */
function away(reason: "few-at-once/full" | "few-at-once/passive"): Decision {
  return { action: "reject", reason, status: 503, headers: [["retry-after", "10"], ["refresh", "10"]] };
}

const gate = createGate({
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    prefetch(),
    failClosed(),
    fewAtOnce({ secret: "change me, and keep me out of the source", seats: 2, idleSeconds: 300 }),
  ],
});
const app = {
  fetch: gate.wrap((request: Request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
};

export { app as default };
