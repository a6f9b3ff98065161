/**
 * What does it cost to decide about a visitor with a session cookie, with 20 integrations of which the last matches?
 *
 * Ours is the whole gate: request in, response out, with cookies, address and triggers. The limits are the hash alone: ours, as the
 * provider uses it, the platform's WebCrypto with an imported key, and `node:crypto`. `bench/queue-it.ts` has it beside the connector.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { createSigner } from "../src/crypto/signer.ts";
import { asyncTimeOf, budgetOf, cycle, type Question, timeOf, type Values } from "./_question.ts";
import {
  address,
  hmac,
  pageOf,
  readsVisitor,
  requestOf,
  secret,
  type sessionOf,
  sessionsOf,
} from "./_queue-it.ts";
import { queueItGate } from "./_queue-it-gate.ts";

const hash = "hash alone";
const unseen = "valid, not seen";
/** The hash, and what no gate can do without. */
const needed = "reading URL, cookie and address, and the hash";
const room = "event19";
const url = pageOf(19);
const size = 20;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Token and cookie validation",
  unit: "ns",
  variants: ["ours", hash, needed, "WebCrypto verify", "node:crypto HMAC"],
  rounds: { full: 2, quick: 1 },
  targets: [
    {
      claim: "valid cookie not seen before: ours ÷ our hash alone",
      value: (median) => median("ours", unseen) / median(hash, unseen),
      atMost: 1.3,
      floor: { of: needed, value: (median) => median(needed, unseen) / median(hash, unseen) },
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const budget = budgetOf(isQuick);
    const values: Record<string, number> = {};
    for (const [name, sessions] of Object.entries(cases())) {
      values[name] = await measureOne(variant, name, sessions, budget);
    }
    return values;
  },
};

type Session = ReturnType<typeof sessionOf>;

function cases(): Readonly<Record<string, readonly Session[]>> {
  const { genuine, expired, forged } = sessionsOf(room);
  const bound = sessionsOf(room, { hip: hmac(address) }).genuine;
  return {
    "valid, seen": genuine.slice(0, 1),
    [unseen]: genuine,
    "valid, seen, bound to the address": bound.slice(0, 1),
    "valid, not seen, bound to the address": bound,
    expired,
    forged,
  };
}

async function measureOne(
  variant: string,
  name: string,
  sessions: readonly Session[],
  budgetMs: number,
): Promise<number> {
  switch (variant) {
    case "ours": {
      const served = new Response("page");
      const gate = queueItGate(served, { size, memoSize: 256 });
      const requests = sessions.map(({ value }) => requestOf(url, room, value));
      const next = cycle(requests);
      const isServed = gate(next()) === served;
      if (isServed !== name.startsWith("valid")) throw new Error(`${name}: the wrong visitors are served`);
      return await timeOf(() => gate(next()), budgetMs);
    }
    case hash: {
      const signer = createSigner([secret]);
      const next = cycle(sessions);
      return await timeOf(() => {
        const { message, hash } = next();
        return signer.verifies(message, hash);
      }, budgetMs);
    }
    case needed: {
      const signer = createSigner([secret]);
      const next = cycle(
        sessions.map((session) => ({ ...session, request: requestOf(url, room, session.value) })),
      );
      return await timeOf(() => {
        const { message, hash, request } = next();
        return readsVisitor(request) && signer.verifies(message, hash);
      }, budgetMs);
    }
    case "WebCrypto verify": {
      const encoder = new TextEncoder();
      const bytes = encoder.encode(secret);
      const algorithm = { name: "HMAC", hash: "SHA-256" };
      const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
      const next = cycle(sessions);
      return await asyncTimeOf(() => {
        const { message, hash } = next();
        const signature = Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
        return crypto.subtle.verify("HMAC", key, signature, encoder.encode(message));
      }, budgetMs);
    }
    default: {
      const next = cycle(sessions);
      return await timeOf(() => {
        const { message, hash } = next();
        return createHmac("sha256", secret).update(message).digest("hex") === hash;
      }, budgetMs);
    }
  }
}
