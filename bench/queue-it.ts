/**
 * What does Queue-it's provider take beside the vendor's connector, and where it refuses beside the making of the same answer?
 *
 * Of 20 integrations the last matches, or none. Ours is the whole gate: request in, response out. The connector is asked by its entry
 * point, and its host answers for nothing: it makes no response. All of them are called in turns in one process, and what counts is
 * processor time, the median of the turns.
 *
 * @module
 */

import { cycle, type Median, type Question, type Target, type Values } from "./_question.ts";
import {
  configuration,
  connectorHost,
  cookieName,
  customerId,
  pageOf,
  requestOf,
  secret,
  sessionsOf,
} from "./_queue-it.ts";
import { byHand } from "./_by-hand.ts";
import { queueItGate } from "./_queue-it-gate.ts";
import { repeating } from "./_side-by-side.ts";
import { mediansOf, type Work } from "./_turns.ts";

/** In a variable: its types ask for more of a host than it calls. */
const connectorName: string = "@queue-it/connector-javascript";
const kinds = {
  noMatch: "page of no room",
  seen: "valid, seen",
  unseen: "valid, not seen",
  forged: "forged",
  expired: "expired",
  noCookie: "no cookie",
} as const;
type Kind = typeof kinds[keyof typeof kinds];
const ours = "ours";
const connector = "5.0.1";
const bare = "the same response alone";
const needed = "what no gate can do without";
const size = 20;
const room = "event19";
const page = new Response("page");

/** How many times as much the connector takes, and how many times as much it would take beside the floor. */
function gain(kind: Kind, claim: string, atLeast: number, floor: string): Target {
  const of = (name: string) => (median: Median) => median(kind, connector) / median(kind, name);
  return { claim, value: of(ours), atLeast, floor: { of: floor, value: of(needed) } };
}

/** How many times as much as the making of the same response. */
function share(kind: Kind, claim: string, floor: string): Target {
  const of = (name: string) => (median: Median) => median(kind, name) / median(kind, bare);
  return { claim, value: of(ours), atMost: 1.5, floor: { of: floor, value: of(needed) } };
}

const reads = "by hand: reading URL, cookie and address, and looking for 20 rooms";
const finds = `${reads}, for the session in the cookie, and for it among those that were seen`;
const hashes = `${finds}, taking it apart, and one HMAC`;
const answers = `${reads}, and copying the answer to who asked for that page before`;
const refuses = `${hashes}, and copying the answer to who asked for that page before`;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Queue-it beside its connector",
  unit: "CPU, µs a request",
  variants: Object.values(kinds),
  rounds: { full: 2, quick: 1 },
  targets: [
    gain(kinds.noMatch, "page of no room, 20 integrations: 5.0.1 ÷ ours", 40, reads),
    gain(kinds.seen, "valid cookie seen before: 5.0.1 ÷ ours", 30, finds),
    gain(kinds.unseen, "valid cookie not seen before: 5.0.1 ÷ ours", 12, hashes),
    gain(kinds.forged, "forged cookie: 5.0.1 ÷ ours", 10, refuses),
    gain(kinds.noCookie, "no cookie: 5.0.1 ÷ ours", 10, answers),
    share(kinds.noCookie, "refused, no cookie: ours ÷ the same response alone", answers),
    share(kinds.forged, "refused, forged cookie: ours ÷ the same response alone", refuses),
  ],
  async measure(kind, isQuick): Promise<Values> {
    const url = kind === kinds.noMatch ? pageOf(size) : pageOf(size - 1);
    const values = cookiesOf(kind);
    const gate = queueItGate(page, {
      size,
      memoSize: 256,
      publicHosts: ["shop.example.com"],
    });
    const next = cycle(values.map((value) => requestOf(url, room, value)));
    const answer = await gate(next());
    const asked = await byConnector(url, values);
    check(kind, answer.status, await asked(), byHand({ room, url, page, answer })(next()).status);
    const works: Record<string, Work> = {
      [ours]: { call: () => gate(next()), calls: 2000 },
      [connector]: { call: asked, calls: 200 },
    };
    const response = answer.status === 200 ? undefined : await repeating(answer);
    if (response !== undefined) works[bare] = { call: response, calls: 2000 };
    const floor = byHand({ room, url, page, answer });
    works[needed] = { call: () => floor(next()), calls: 2000 };
    return await mediansOf(works, isQuick ? 12 : 40);
  },
};

/** Gives the status with which the connector's host would answer. */
async function byConnector(url: string, values: readonly string[]): Promise<() => Promise<number>> {
  const { KnownUser } = await import(connectorName);
  const text = JSON.stringify(configuration(size, false));
  const next = cycle(
    values.map((value) => connectorHost(url, value === "" ? {} : { [cookieName(room)]: value })),
  );
  return async () => {
    const result = KnownUser.validateRequestByIntegrationConfig(
      url,
      "",
      text,
      customerId,
      secret,
      next(),
      "",
    );
    return (await result).doRedirect() ? 302 : 200;
  };
}

function cookiesOf(kind: string): readonly string[] {
  if (kind === kinds.noMatch || kind === kinds.noCookie) return [""];
  const { genuine, forged, expired } = sessionsOf(room);
  const sessions = kind === kinds.forged ? forged : kind === kinds.expired ? expired : genuine;
  return (kind === kinds.seen ? sessions.slice(0, 1) : sessions).map(({ value }) => value);
}

/** What is answered otherwise than it is measured for is not measured. */
function check(kind: string, ...statuses: readonly number[]): void {
  const served: readonly string[] = [kinds.noMatch, kinds.seen, kinds.unseen];
  const expected = served.includes(kind) ? 200 : 302;
  if (statuses.some((status) => status !== expected)) {
    throw new Error(`${kind}: the status was ${statuses.join(" and ")} instead of ${expected}`);
  }
}
