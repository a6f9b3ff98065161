import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import {
  type Bench,
  type Call,
  hash,
  hybridBench,
  json,
  other,
  privateKey,
  promoted,
  queued,
  room,
  site,
  start,
  token,
} from "./_helpers.ts";

const minute = 60_000;
const visitors = [token, other] as const;
/** Three rooms of one site whose sessions last for different times. */
const halls = [
  { ...room, slug: "short", urlPattern: "/short", timeout: 5 },
  { ...room, slug: "usual", urlPattern: "/usual", timeout: 20 },
  { ...room, slug: "long", urlPattern: "/long", timeout: 60 },
] as const;

function genOf(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+/, "");
}

function signatureOf(slug: string, visitor: string, gen: string): string {
  return hash(hash(privateKey) + slug + room.queueActivatesOn + visitor + gen);
}

/**
 * What happened to a cookie since its token was stored: when it was written, and for which room there was a proof then.
 * It is all that the model knows; it has neither signatures nor a time that they share.
 */
interface Kept {
  readonly header: string;
  readonly token: string;
  readonly written: readonly { readonly at: number; readonly proven: number | undefined }[];
}

interface World {
  readonly bench: Bench;
  /** Whether the service promotes, and how long the sessions of each room last, in minutes. */
  readonly service: { promotes: boolean; readonly timeouts: number[] };
  readonly seen: Kept[];
  jar: Kept | undefined;
}

function worldOf(): World {
  const service = { promotes: false, timeouts: halls.map(({ timeout }) => timeout) };
  const bench = hybridBench({
    options: { rooms: { ttlMs: 0, maxStaleMs: 0 } },
    answers: {
      rooms: () => json(halls.map((hall, at) => ({ ...hall, timeout: service.timeouts[at] }))),
      requests: (call: Call) => answerTo(call, service.promotes, bench.clock.now),
    },
  });
  return { bench, service, seen: [], jar: undefined };
}

function answerTo({ path, query, body }: Call, promotes: boolean, now: number): Response {
  const visitor = path.split("/")[1] ?? token;
  const slug = new URL(String(query["url"] ?? body["url"])).pathname.slice(1);
  if (!promotes) return json({ ...queued, token: visitor, slug });
  const gen = genOf(now);
  return json({ ...promoted, token: visitor, slug, requested: gen, hash: signatureOf(slug, visitor, gen) });
}

/** Whether a session of the room has never been left alone for longer than it lasts, since the room was proven. */
function isInside(kept: Kept | undefined, hall: number, timeout: number, now: number): boolean {
  const from = kept?.written.findLastIndex(({ proven }) => proven === hall) ?? -1;
  if (kept === undefined || from === -1) return false;
  const times = [...kept.written.slice(from).map(({ at }) => at), now];
  return times.every((at, index) => {
    const gap = at - (times[index - 1] ?? at);
    return gap >= -minute && gap < timeout * minute;
  });
}

interface Told {
  readonly visitor?: string;
  readonly signedAt?: number;
}

/** Visits a page of a room, compares what was decided without the service with the model, and keeps the cookie. */
async function visit(world: World, hall: number, { visitor, signedAt }: Told = {}): Promise<void> {
  const { bench, service, jar } = world;
  const now = bench.clock.now;
  const slug = halls[hall]?.slug ?? "";
  const url = new URL(`${site}/${slug}`);
  if (visitor !== undefined) url.searchParams.set("ch-id", visitor);
  if (visitor !== undefined && signedAt !== undefined) {
    url.searchParams.set("ch-requested", genOf(signedAt));
    url.searchParams.set("ch-id-signature", signatureOf(slug, visitor, genOf(signedAt)));
  }
  const timeout = service.timeouts[hall] ?? 0;
  const asked = bench.calls.length;
  const { decision, cookies } = await bench.visit(url.href, jar === undefined ? {} : { cookie: jar.header });
  const isLocal = !bench.calls.slice(asked).some(({ path }) => path.startsWith("requests"));
  const isFresh = signedAt !== undefined && now - signedAt < timeout * minute && signedAt <= now + minute;
  const isOwn = visitor === undefined || visitor === jar?.token;
  const expected = signedAt === undefined ? isOwn && isInside(jar, hall, timeout, now) : isFresh;
  assert.equal(isLocal, expected, `decided without the service in the room "${slug}"`);
  const isPromoted = isLocal || service.promotes;
  assert.equal(
    ["admit", "redirect"].includes(decision?.action ?? ""),
    isPromoted || !isOwn && jar !== undefined,
  );
  const value = cookies["crowdhandler"];
  if (value === undefined) return;
  const stored = JSON.parse(value).tokens.at(-1).token;
  const isProof = isPromoted && (signedAt !== undefined || !isLocal);
  const written = isPromoted
    ? [...(stored === jar?.token ? jar?.written ?? [] : []), { at: now, proven: isProof ? hall : undefined }]
    : [];
  world.jar = { header: `crowdhandler=${encodeURIComponent(value)}`, token: stored, written };
  world.seen.push(world.jar);
}

type Command = fc.AsyncCommand<object, World>;

function command(name: string, run: (world: World) => Promise<void> | void): Command {
  return { check: () => true, run: async (_model, world) => await run(world), toString: () => name };
}

const hallIndex = fc.nat(halls.length - 1);
const commands = [
  hallIndex.map((hall) => command(`visits ${halls[hall]?.slug}`, (world) => visit(world, hall))),
  hallIndex.map((hall) => command(`visits ${halls[hall]?.slug}`, (world) => visit(world, hall))),
  hallIndex.map((hall) =>
    command(`is promoted in ${halls[hall]?.slug}`, async (world) => {
      world.service.promotes = true;
      await visit(world, hall);
      world.service.promotes = false;
    })
  ),
  fc.tuple(hallIndex, fc.constantFrom(...visitors), fc.boolean()).map(([hall, visitor, promotes]) =>
    command(`opens a link of ${visitor} to ${halls[hall]?.slug}, ${promotes}`, async (world) => {
      world.service.promotes = promotes;
      await visit(world, hall, { visitor });
      world.service.promotes = false;
    })
  ),
  fc.tuple(hallIndex, fc.constantFrom(...visitors), fc.integer({ min: -2, max: 70 })).map((
    [hall, visitor, age],
  ) =>
    command(
      `opens a link to ${halls[hall]?.slug}, signed for ${visitor} ${age} minutes ago`,
      (world) => visit(world, hall, { visitor, signedAt: world.bench.clock.now - age * minute }),
    )
  ),
  fc.integer({ min: -3, max: 30 }).map((minutes) =>
    command(`${minutes} minutes pass`, ({ bench }) => void (bench.clock.now += minutes * minute))
  ),
  fc.nat(30).map((at) =>
    command(`puts back cookie ${at}`, (world) => {
      if (world.seen.length > 0) world.jar = world.seen[at % world.seen.length];
    })
  ),
];

test("crowdhandler() in hybrid mode admits without the service exactly who never left a session alone for too long", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (list) => {
      await fc.asyncModelRun(() => ({ model: {}, real: worldOf() }), list);
    }),
    { numRuns: 150 },
  );
});

test("crowdhandler() in hybrid mode does not revive the session of a room by a visit to another one", async () => {
  const world = worldOf();
  world.service.promotes = true;
  await visit(world, 0);
  await visit(world, 1);
  world.service.promotes = false;
  world.bench.clock.now = start + 6 * minute;
  await visit(world, 1);
  await visit(world, 0);
  assert.equal(world.bench.calls.at(-1)?.path, `requests/${token}`);
});

test("crowdhandler() in hybrid mode judges a session by the timeout that its room has when it is written", async () => {
  const world = worldOf();
  world.service.promotes = true;
  await visit(world, 0);
  await visit(world, 2);
  world.service.promotes = false;
  world.bench.clock.now += 6 * minute;
  await visit(world, 2);
  world.service.timeouts[0] = 600;
  world.bench.clock.now += 6 * minute;
  await visit(world, 2);
  await world.bench.visit("/short", { cookie: world.jar?.header ?? "" });
  assert.equal(world.bench.calls.at(-1)?.path, `requests/${token}`);
});

test("crowdhandler() in hybrid mode keeps no signature of a room that the feed does not have, nor one without a signed time", async () => {
  const gen = genOf(start - minute);
  const signatures = [
    { gen, sig: signatureOf("gone", token, gen) },
    { gen, sig: signatureOf("usual", token, gen) },
  ];
  const touched = start - minute;
  const kept = async (touchedSig: string, link: boolean) => {
    const world = worldOf();
    const text = JSON.stringify({ tokens: [{ token, touched, touchedSig, signatures }] });
    world.jar = { header: `crowdhandler=${encodeURIComponent(text)}`, token, written: [] };
    const path = link
      ? `/long?ch-id=${token}&ch-requested=${gen}&ch-id-signature=${signatureOf("long", token, gen)}`
      : "/usual";
    const { cookies } = await world.bench.visit(path, { cookie: world.jar.header });
    return JSON.parse(cookies["crowdhandler"] ?? "{}").tokens[0].signatures.map(({ sig }: { sig: string }) =>
      sig
    );
  };
  const touchedSig = hash(hash(privateKey) + touched);
  assert.deepEqual(await kept(touchedSig, false), [signatureOf("usual", token, gen)]);
  assert.deepEqual(await kept("0".repeat(64), true), [signatureOf("long", token, gen)]);
});
