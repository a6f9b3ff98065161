/** Genuine sessions of Queue-it, cut anew into other fields under the same signature: each cut is refused. */

import { cookieTokens, createGate, failClosed } from "../../mod.ts";
import { isRoomId, waitingRoomOf } from "../../plugins/queue-it/configuration/mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { type Connector, createConnector } from "../../plugins/queue-it/validation/connector.ts";
import { readState } from "../../plugins/queue-it/validation/session-state.ts";
import { cookieHeader, customerId, now, nowMs, sealed, secret } from "../plugins/queue-it/_helpers.ts";
import { visitFor } from "../plugins/queue-it/_reference.ts";
import {
  anonymousSessions,
  choices,
  genuineAt,
  genuineCount,
  type Recut,
  recuts,
  sealedSessions,
  unansweredSessions,
  valuesOf,
  visitorAddress,
} from "../support/recut.ts";
import { type Budget, type Part, seedOf } from "./_part.ts";

/** The part. */
export const part: Part = {
  name: "recut",
  describe: "signed sessions whose characters were moved over the borders of their fields are refused",
  runtimes: ["node", "deno", "bun"],
  leastMs: 3000,
  run,
};

/** A reader of sessions. */
interface Reader {
  readonly name: string;
  readonly connector: Connector;
}

/** What is counted. */
interface Count {
  sessions: number;
  /** The sessions that open their own room. */
  opened: number;
  cuts: number;
  refused: number;
  failures: number;
}

async function run(budget: Budget): Promise<void> {
  const readers = readersOf();
  const gates = new Map(choices.EventId.map((room) => [room as string, gateOf(room)]));
  const count: Count = { sessions: 0, opened: 0, cuts: 0, refused: 0, failures: 0 };
  const end = performance.now() + budget.ms * 0.9;
  for (const [at, cookie] of sessions(seedOf(budget, "sessions"))) {
    if (budget.only !== undefined && budget.only !== `${at}`) continue;
    const reader = readers[at % readers.length] as Reader;
    attack(budget, reader, gates, at, cookie, count);
    if (performance.now() > end) break;
    // What the process was told meanwhile has its turn.
    await Promise.resolve();
  }
  const { report } = budget;
  report({ name: "sessions", value: count.sessions, unit: "genuine sessions", held: true });
  report({
    name: "accepted as they are",
    value: count.opened,
    unit: "genuine sessions",
    target: "some",
    held: count.opened > 0,
  });
  report({
    name: "refused",
    value: count.refused,
    unit: "mutants",
    target: "all that do not mean the same",
    held: count.refused === count.cuts && count.refused > 0,
  });
  report({ name: "mutants", value: count.cuts, unit: "mutants", held: true });
}

/** All genuine sessions, with their numbers: first the few special ones, then the others in an order that the seed tells. */
function* sessions(seed: number): Generator<readonly [at: number, cookie: string]> {
  let at = 0;
  for (const cookie of [...unansweredSessions, ...sealedSessions, ...keptSessions()]) yield [at++, cookie];
  const first = Math.abs(seed) % genuineCount;
  for (let step = 0; step < genuineCount; step++) {
    // A prime that divides no number of choices: none comes twice.
    const genuine = genuineAt((first + step * 7919) % genuineCount);
    yield [at++, step % 3 === 0 ? sealed(genuine) : genuine];
  }
}

/** Those without a queue id that a provider begins, of all that it is asked to begin. */
function keptSessions(): readonly string[] {
  const { sessions } = createConnector({ customerId, secretKeys: [secret], memoSize: 0 });
  return anonymousSessions.filter((session) => sessions.keepsAnonymous(session, now))
    .map((session) => sessions.write(session, now));
}

function attack(
  budget: Budget,
  reader: Reader,
  gates: ReadonlyMap<string, (text: string) => boolean>,
  at: number,
  cookie: string,
  count: Count,
): void {
  count.sessions++;
  const genuine = valuesOf(cookie);
  if (openedBy(reader, gates, genuine, cookie) !== undefined) count.opened++;
  for (const { values, text } of recuts(cookie)) {
    const isSame = values.every((value, at) => value === genuine[at]);
    if (isSame) continue;
    count.cuts++;
    const opened = openedBy(reader, gates, values, text);
    if (opened === undefined) count.refused++;
    else if (++count.failures <= 5) {
      budget.fail(`${opened} accepts ${text}, which was signed as ${cookie}`, { only: `${at}` });
    }
  }
}

/** Whom the cut convinces that its visitor has a session in the room that it names, whatever its time. */
function openedBy(
  { name, connector }: Reader,
  gates: ReadonlyMap<string, (text: string) => boolean>,
  [room = ""]: Recut["values"],
  text: string,
): string | undefined {
  const visit = { ...visitFor({ nowMs, clientIp: visitorAddress }), cookies: [text] };
  if (isRoomId(room) && readState(connector, [waitingRoomOf(room)], visit).status === "genuine") return name;
  return gates.get(room)?.(text) ? `queueItEvent() for ${room}` : undefined;
}

function readersOf(): readonly Reader[] {
  const readers: Reader[] = [];
  for (const profile of ["v5", "v3"] as const) {
    for (const seal of ["write", "require", "off"] as const) {
      const options = { customerId, secretKeys: [secret, "older"], profile, seal, memoSize: 0 };
      readers.push({
        name: `a connector with ${profile} and the seal "${seal}"`,
        connector: createConnector(options),
      });
    }
  }
  return readers;
}

function gateOf(room: string): (text: string) => boolean {
  const provider = queueItEvent({
    customerId,
    secretKeys: [secret],
    eventId: room,
    queueDomain: "ticketania.queue-it.net",
    validityMinutes: 20,
  });
  const known = { name: "known", supplies: { address: () => visitorAddress } };
  const gate = createGate({ plugins: [known, cookieTokens(), failClosed(), provider], now: () => nowMs });
  return (text) => {
    let served = false;
    const headers = { cookie: cookieHeader({ [room]: text }) };
    gate(new Request("https://shop.example.com/tickets", { headers }), () => {
      served = true;
      return new Response("page");
    });
    return served;
  };
}
