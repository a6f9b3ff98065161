/** What visitors of rooms do, each by a program of its own, until the street is closed. */

import { type Answer, type Browser, type Jar, openBrowser, type Street } from "./_room-browser.ts";
import { pause } from "./_tools.ts";

/** A room, as its visitors use it. */
export interface RoomVisits {
  readonly room: string;
  /** How many are there at once. */
  readonly count: number;
  /** For how long somebody inside stays, on average. */
  readonly stayMs: number;
  /** For how long others may be admitted past somebody who is away. */
  readonly returnMs: number;
}

/** How somebody behaves, and how many of a hundred do. */
const roles = {
  walker: 24,
  hidden: 12,
  suspended: 12,
  sharer: 8,
  replayer: 12,
  loser: 14,
  leaver: 10,
  program: 8,
} as const;
type Role = keyof typeof roles;

/** What is asked for by something else than a navigation. */
const parts: readonly (readonly [method: string, headers: Readonly<Record<string, string>>])[] = [
  ["GET", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site" }],
  ["GET", { "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site" }],
  ["GET", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" }],
  ["GET", { "sec-fetch-dest": "script", "sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin" }],
  ["GET", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "sec-purpose": "prefetch" }],
  ["HEAD", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" }],
  ["POST", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site" }],
];

/** Whether the street is still open. */
export type IsOpen = () => boolean;

/** Lets people come to a room, one after the other in each place, until the street is closed. */
export async function visitRoom(street: Street, visits: RoomVisits, isOpen: IsOpen): Promise<void> {
  const { random } = street;
  let people = 0;
  const place = async () => {
    await pause(random() * 2500);
    while (isOpen()) {
      const role = anyRole(random());
      await new Person(street, visits, `${visits.room}-${++people}`, role, isOpen).live();
      await pause(50 + random() * 400);
    }
  };
  const foreign = async () => {
    while (isOpen()) {
      const stranger = openBrowser(street, {
        who: `${visits.room}-s${++people}`,
        role: "stranger",
        room: visits.room,
      });
      const [method, headers] = parts[Math.floor(random() * parts.length)] ?? parts[0] ?? ["GET", {}];
      await stranger.resource(method, headers);
      await pause(100 + random() * 200);
    }
  };
  await Promise.all([...Array.from({ length: visits.count }, place), foreign(), foreign()]);
}

function anyRole(random: number): Role {
  let left = random * 100;
  for (const [role, share] of Object.entries(roles)) {
    left -= share;
    // They are the names of the table.
    if (left < 0) return role as Role;
  }
  return "walker";
}

/** One visitor, from coming to going. */
class Person {
  readonly #street: Street;
  readonly #visits: RoomVisits;
  readonly #who: string;
  readonly #role: Role;
  readonly #isOpen: IsOpen;

  constructor(street: Street, visits: RoomVisits, who: string, role: Role, isOpen: IsOpen) {
    this.#street = street;
    this.#visits = visits;
    this.#who = who;
    this.#role = role;
    this.#isOpen = isOpen;
  }

  async live(): Promise<void> {
    const browser = this.#open(this.#who);
    if (!(await this.#line(browser))) return;
    await Promise.all([this.#inside(browser), ...this.#tabs(browser.jar)]);
    await this.#go(browser);
  }

  #open(who: string, jar?: Jar, role: string = this.#role): Browser {
    return openBrowser(this.#street, {
      who,
      role,
      room: this.#visits.room,
      ...(jar !== undefined && { jar }),
      lost: this.#role === "loser" && role !== "thief" ? 0.3 : 0,
      isProgram: this.#role === "program",
    });
  }

  /** Waits as the page does: asks when it was told to, and goes on at its turn. */
  async #line(browser: Browser): Promise<boolean> {
    const { random } = this.#street;
    let answer = await browser.page();
    for (let calls = 0; this.#isOpen(); calls++) {
      if (answer.situation === "served") return true;
      if (this.#role === "leaver" && calls > 2 && random() < 0.05) {
        await browser.leave();
        return false;
      }
      await pause(this.#waitMs(answer));
      const isAsked = answer.isLost ||
        ["waiting", "far", "later", "told", "reconnecting"].includes(answer.situation);
      if (!isAsked || browser.jar.cookie === "") answer = await browser.page();
      else {
        answer = await browser.checkIn(this.#role === "hidden" && answer.situation === "waiting");
        if (answer.situation === "admitted") answer = await browser.page();
      }
    }
    return false;
  }

  /** Nobody waits longer than a little for a first sign; sleepers do. */
  #waitMs({ situation, nextMs = 700 }: Answer): number {
    const { random } = this.#street;
    if (situation === "lost" || situation === "failed") return 100 + random() * 900;
    if (this.#role === "suspended" && random() < 0.4) return this.#visits.returnMs * (0.3 + 0.5 * random());
    if (this.#role === "hidden" && situation === "waiting") return Math.min(nextMs, 5000) * (1 + random());
    return Math.min(situation === "waiting" ? nextMs : Math.min(nextMs, 2500), 15_000) *
      (0.8 + 0.4 * random());
  }

  /** Goes from page to page. */
  async #inside(browser: Browser): Promise<void> {
    const { random } = this.#street;
    const isLong = this.#role === "walker" && random() < 0.25;
    const endsAt = performance.now() + this.#visits.stayMs * (isLong ? 12 : -Math.log(1 - random()));
    while (this.#isOpen() && performance.now() < endsAt) {
      await pause(100 + random() * 900);
      const { situation, isLost } = await browser.page();
      if (situation !== "served" && situation !== "failed" && !isLost) return;
    }
  }

  /** One cookie in five tabs, and at a friend's. */
  #tabs(jar: Jar): readonly Promise<void>[] {
    if (this.#role !== "sharer") return [];
    return Array.from({ length: 4 }, (_, at) => this.#inside(this.#open(`${this.#who}+${at}`, jar)));
  }

  async #go(browser: Browser): Promise<void> {
    const { random } = this.#street;
    const old = [...browser.jar.old];
    if (this.#role === "leaver") {
      const copy = { cookie: browser.jar.cookie, old: [] };
      await browser.leave();
      await this.#steal(copy.cookie);
    } else if (random() < 0.3) await browser.leave();
    if (this.#role !== "replayer") return;
    for (let times = 0; times < 4 && this.#isOpen(); times++) {
      await pause(random() * 3000);
      await this.#steal(old[Math.floor(random() * old.length)] ?? "");
    }
  }

  /** Shows a cookie that was kept, once as a page and once as a call. */
  async #steal(cookie: string): Promise<void> {
    if (cookie === "") return;
    for (const what of ["page", "checkIn"] as const) {
      const thief = this.#open(`${this.#who}~`, { cookie, old: [] }, "thief");
      await thief[what]();
    }
  }
}
