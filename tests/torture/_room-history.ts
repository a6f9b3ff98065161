/** What became of each number of a room, put together from what the door, the servers and the visitors told. */

import type { Asked, Reached, RoomEvent } from "./_room-events.ts";

/** What a cookie says, as whoever has the key reads it. */
export interface Proof {
  readonly kind: "ticket" | "registration" | "pass";
  readonly epoch: number;
  readonly number: number;
  readonly tag: string;
  readonly issuedAt: number;
  /** Of a pass: until when it is good, by the clock of the store. */
  readonly until?: number;
  /** Of a pass: from when on it has to be renewed. */
  readonly check?: number;
  /** Of a pass: whether nobody has shown it yet. */
  readonly isClaim?: boolean;
}

/** Reads a cookie of a room. */
export type ReadProof = (room: string, cookie: string) => Proof | undefined;

/** A request with all that is known of it. */
export interface Visit {
  readonly asked: Asked;
  /** When the application served it, by its own word. */
  readonly servedAt: number | undefined;
  readonly brought: Proof | undefined;
  readonly given: Proof | undefined;
  /** When the cookie was given, at the server if that was heard. */
  readonly givenAt: number;
}

/** Some time in which something happened; when exactly, only the store knows. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Somebody was let in: after `from`, for then they were not in yet, and before `to`, for then they were. */
export interface Admission extends Span {
  readonly story: Story;
  /** Until when they were seen inside for the last time. */
  lastAt: number;
  /** Up to when the store may have kept the place, at the latest. */
  endsAt: number;
  /** Whether a pass was shown. */
  isConfirmed: boolean;
}

/** A number with its tag. */
export interface Story {
  readonly key: string;
  readonly epoch: number;
  readonly number: number;
  readonly tag: string;
  readonly visits: Visit[];
  readonly admissions: Admission[];
  /** While they were there without any doubt, with pages that were not hidden. */
  readonly presence: Span[];
  /** How often a number that was used let somebody in again. */
  readonly twice: number;
}

/** What is read from the events of one room. */
export interface History {
  readonly visits: readonly Visit[];
  readonly stories: readonly Story[];
}

/** What has to be known to read it. */
export interface HistoryOptions {
  readonly read: ReadProof;
  readonly sessionMs: number;
  /** When the store lost its last second. */
  readonly cuts: readonly number[];
}

/** How long the store keeps a place longer than any pass says, and how exactly clocks agree, in milliseconds. */
const spareMs = 5000;
const clockMs = 500;

/** Reads the events of one room. */
export function historyOf(
  room: string,
  events: readonly RoomEvent[],
  { read, sessionMs, cuts }: HistoryOptions,
): History {
  const visits = visitsOf(room, events, read);
  const found = new Map<string, Story & { twice: number }>();
  for (const visit of visits) {
    const keys = new Map(
      [visit.brought, visit.given].flatMap((proof) => proof ? [[keyOf(proof), proof]] : []),
    );
    for (const [key, { epoch, number, tag }] of keys) {
      let story = found.get(key);
      if (story === undefined) {
        story = { key, epoch, number, tag, visits: [], admissions: [], presence: [], twice: 0 };
        found.set(key, story);
      }
      story.visits.push(visit);
    }
  }
  const stories = [...found.values()];
  for (const story of stories) {
    story.twice = findAdmissions(story, sessionMs, cuts);
    findPresence(story, cuts);
  }
  return { visits, stories };
}

/** The name of a number with its tag. */
export function keyOf({ epoch, number, tag }: Pick<Proof, "epoch" | "number" | "tag">): string {
  return `${epoch}:${number}.${tag}`;
}

function visitsOf(room: string, events: readonly RoomEvent[], read: ReadProof): readonly Visit[] {
  const served = new Map<string, number>();
  const given = new Map<string, { readonly at: number; readonly cookie: string }>();
  for (const event of events) {
    if (event.is === "served") served.set(event.visit, event.at);
    if (event.is === "given") given.set(event.visit, event);
  }
  const visits: Visit[] = [];
  for (const event of events) {
    if (event.is !== "asked" || event.room !== room) continue;
    const atServer = given.get(event.visit);
    visits.push({
      asked: event,
      servedAt: served.get(event.visit) ?? (event.situation === "served" ? event.gotAt : undefined),
      brought: read(room, event.cookie),
      given: read(room, atServer?.cookie ?? event.given ?? ""),
      givenAt: atServer?.at ?? event.gotAt,
    });
  }
  return visits.sort((a, b) => a.asked.sentAt - b.asked.sentAt);
}

/** Finds out when a number was let in. A ticket that is given says that its holder was not in when it was asked for. */
function findAdmissions(story: Story, sessionMs: number, cuts: readonly number[]): number {
  const { key, visits, admissions } = story;
  const isOwn = (proof: Proof | undefined, kind: Proof["kind"]) =>
    proof?.kind === kind && keyOf(proof) === key;
  const inside = visits.flatMap((visit) => {
    const at = insideAt(visit, key);
    return at === undefined ? [] : [{ visit, at }];
  }).sort((a, b) => a.at - b.at);
  let twice = 0;
  for (const { visit, at } of inside) {
    let last = admissions.at(-1);
    if (last === undefined || at > endOf(last, at) + spareMs + clockMs) {
      if (last?.isConfirmed === true) twice++;
      const outside = visits.findLast(({ asked, given }) => isOwn(given, "ticket") && asked.sentAt < at);
      const from = Math.max((outside ?? visits[0] ?? visit).asked.sentAt, last?.endsAt ?? 0);
      last = { story, from: Math.min(at, from), to: at, lastAt: at, endsAt: at, isConfirmed: false };
      admissions.push(last);
    }
    if (visit.servedAt !== undefined) last.lastAt = Math.max(last.lastAt, visit.servedAt);
    if (isOwn(visit.given, "pass")) last.endsAt = Math.max(last.endsAt, visit.given?.until ?? 0);
    // A claim that ended, which nobody had shown, is as good as a ticket.
    const isGood = (visit.brought?.until ?? 0) > visit.asked.sentAt;
    if (isOwn(visit.brought, "pass") && isGood) last.isConfirmed = true;
  }
  return twice;

  /** A renewal may have come about although nobody was told, and a loss makes sessions longer. */
  function endOf({ endsAt }: Admission, before: number): number {
    const renewed = visits.filter(({ asked, brought }) => isOwn(brought, "pass") && asked.sentAt < before)
      .map(({ asked }) => Math.min(asked.gotAt, before) + sessionMs);
    const extended = cuts.filter((at) => at < before && at < endsAt + spareMs).map((at) =>
      at + 2 * spareMs + sessionMs
    );
    return Math.max(endsAt, ...renewed, ...extended);
  }
}

/** When a number was seen inside: a pass was given, or the application served it. */
function insideAt({ brought, given, servedAt, givenAt }: Visit, key: string): number | undefined {
  if (given?.kind === "pass" && keyOf(given) === key) return Math.min(givenAt, servedAt ?? givenAt);
  const holder = given?.kind === "pass" ? given : brought;
  return servedAt !== undefined && holder !== undefined && keyOf(holder) === key ? servedAt : undefined;
}

/** Finds out when somebody was there: from the answer of a call on, until shortly after the next one was due. */
function findPresence({ key, visits, admissions, presence }: Story, cuts: readonly number[]): void {
  const [first] = admissions;
  for (const [at, { asked, given, givenAt }] of visits.entries()) {
    if (given?.kind !== "ticket" || keyOf(given) !== key || asked.situation !== "waiting") continue;
    if (asked.isHidden || asked.nextMs === undefined) continue;
    const goesAway = visits.slice(at + 1).find(({ asked: later }) =>
      later.isHidden || later.what === "leave"
    );
    const to = Math.min(
      asked.sentAt + 1.2 * asked.nextMs + 900,
      goesAway?.asked.sentAt ?? Number.POSITIVE_INFINITY,
      first?.from ?? Number.POSITIVE_INFINITY,
      ...cuts.filter((cut) => cut >= asked.sentAt),
    );
    if (to > givenAt) presence.push({ from: givenAt, to });
  }
}

/** While a process did not know the time of a room, for it had not yet reached its store. */
export interface Newborn {
  readonly node: number;
  readonly from: number;
  readonly to: number;
}

/** Finds out when processes did not know the time of a room. */
export function newbornOf(room: string, events: readonly RoomEvent[]): readonly Newborn[] {
  const told = events.filter((event): event is Reached => event.is === "began" || event.is === "reached")
    .sort((a, b) => a.at - b.at);
  return told.flatMap(({ is, at, node }, index) => {
    if (is !== "began") return [];
    const later = told.slice(index + 1).filter((event) => event.node === node);
    const end = later.find((event) => event.is === "began" || event.room === room);
    return [{ node, from: at, to: end?.at ?? Number.POSITIVE_INFINITY }];
  });
}
