/** The waiting page in every state, as the room shows it, without a room. */

import {
  commitmentOf,
  createDraw,
  type Draw,
  type LotteryFacts,
} from "../../plugins/waiting-room/lottery/mod.ts";
import { renderLottery } from "../../plugins/waiting-room/page/lottery-page.ts";
import { choicePage, linkPage, noPlacePage, openPage } from "../../plugins/waiting-room/page/carry/pages.ts";
import { renderLeft, renderUnreachable } from "../../plugins/waiting-room/page/notices.ts";
import { createPages, type PageSet } from "../../plugins/waiting-room/page/pages.ts";
import type { PageOptions } from "../../plugins/waiting-room/page/options.ts";
import { renderPuzzle } from "../../plugins/waiting-room/page/puzzle-page.ts";
import { securityPolicy } from "../../plugins/waiting-room/page/render.ts";
import type { WaitingView } from "../../plugins/waiting-room/mod.ts";
import { pageOf as viewedPage, placeless } from "../plugins/waiting-room/_view.ts";
import { serve, type Served } from "../src/_serve.ts";

const nonce = "c3RhdGVzIG9mIHRoZSBwYWdl";
const now = Date.parse("2027-03-01T08:58:00Z");

type State = Partial<WaitingView>;

const placed = { number: 1500, place: 1234, waitMs: 600_000, progress: 0.4 };

/** Everything that the page can say. */
export const states: Readonly<Record<string, State>> = {
  waiting: { situation: "waiting", number: 7, place: 3, waitMs: 20_000, progress: 0.97 },
  far: { situation: "far", ...placed },
  millions: { situation: "far", number: 3_000_000, place: 2_345_678, waitMs: 36_000_000, progress: 0.01 },
  noted: {
    situation: "far",
    ...placed,
    note: "The first show is nearly sold out.\nThere are seats for Sunday.",
  },
  form: { situation: "far", ...placed, wasForm: true },
  scheduled: {
    situation: "far",
    ...placed,
    waitMs: undefined,
    progress: 0,
    mode: "scheduled",
    opensAt: now + 120_000,
  },
  registered: {
    situation: "registered",
    number: 7,
    mode: "scheduled",
    opensAt: now + 120_000,
    closesAt: now + 60_000,
  },
  paused: { situation: "far", ...placed, waitMs: undefined, mode: "paused" },
  draining: { situation: "far", ...placed, mode: "draining" },
  stopped: { situation: "far", ...placed, mode: "closed" },
  ended: { situation: "far", ...placed, mode: "sold-out" },
  lapsed: { situation: "lapsed" },
  used: { situation: "used" },
  closed: { situation: "closed", mode: "closed" },
  "sold-out": { situation: "sold-out", mode: "sold-out" },
  later: { situation: "later" },
  reconnecting: { situation: "reconnecting", number: 1500, mode: undefined },
  outside: { situation: "outside" },
};

const secret = "a secret of at least thirty-two bytes";
/** A lottery of 20 people, and what is published of it. */
export const lottery: Draw = createDraw({ secret, beacon: "6c3f", count: 20 });
const drawn: LotteryFacts = {
  form: 1,
  room: "main",
  epoch: 1,
  opensAt: "2027-03-01T09:00:00.000Z",
  closesAt: null,
  commitment: commitmentOf(secret),
  registered: 20,
  drawnBy: "beacon",
  beacon: "6c3f",
  secret,
};

/** The other pages of a room. */
export const further = [
  "puzzle",
  "left",
  "unreachable",
  "lottery",
  "link",
  "open",
  "choice",
  "inside",
  "none",
  "unknown",
  "over",
] as const;

/** Serves `/<language>/<state>`, and the further pages as well. Its endpoints are out of order. */
export async function serveStates(options: PageOptions = {}): Promise<Served> {
  const pages = createPages(options, { warn: console.error });
  return await serve(async (request: Request) => {
    const [, language = "", state = ""] = new URL(request.url).pathname.split("/");
    const text = pageOf(await pages(language), state);
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": securityPolicy(nonce, options.logo),
    };
    return new Response(text ?? "", { status: text === undefined ? 404 : 200, headers });
  });
}

function furtherPage(set: PageSet, state: typeof further[number]): string {
  const page = { set, nonce };
  const link =
    "https://shop.example.com/.stanchion/main/carry#2.t.1.17.abcdefgh.zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz/tickets";
  const choice = { takePath: "/take", sent: link, page: "/", own: 12, brought: 1234 };
  switch (state) {
    case "left":
      return renderLeft(page, "/");
    case "unreachable":
      return renderUnreachable(page, "/");
    case "puzzle": {
      const puzzle = { challenge: "x", bits: 30, parts: 1, waitSeconds: 60, endsSeconds: 120 };
      return renderPuzzle(puzzle, page, { cookieName: "puzzle", isEncrypted: false, form: undefined });
    }
    case "lottery":
      return renderLottery(page, drawn, { registered: 7, place: lottery.placeOf(7) });
    case "link":
      return linkPage(page, link, "/");
    case "open":
      return openPage(page, "/take");
    case "choice":
      return choicePage(page, choice);
    case "inside":
      return choicePage(page, { ...choice, own: "inside" });
    default:
      return noPlacePage(page, state, "/");
  }
}

function pageOf(set: PageSet, state: string): string | undefined {
  const other = further.find((each) => each === state);
  if (other !== undefined) return furtherPage(set, other);
  if (!Object.hasOwn(states, state)) return undefined;
  return viewedPage(
    set,
    { now, opensAt: 0, ...placeless, nonce, ...states[state] },
    { isCalled: state === "waiting", ...(state === "registered" && { isRegistered: true }) },
  );
}
