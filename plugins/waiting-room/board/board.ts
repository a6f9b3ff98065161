import { keepAlive } from "../../../src/async/keep-alive.ts";
import { schedule } from "../../../src/async/schedule.ts";
import { type Answer, answer, problem, responseOf } from "../../../src/http/problem.ts";
import { readText } from "../../../src/http/read-text.ts";
import { isPrintableName } from "../../../src/options/printable-name.ts";
import { shapeError } from "../../../src/options/check.ts";
import { platformOf } from "../../../src/pipeline/platform.ts";
import { pathBelow } from "../../../src/url/path-below.ts";
import { changeRoom } from "./changes.ts";
import { reportRefusals } from "./events.ts";
import { createHistory, type History } from "./history.ts";
import { type BoardEvent, type BoardOptions, checkBoard, subject } from "./options.ts";
import { assets, boardPage, pageHeaders, signInPage } from "./page/mod.ts";
import { type Known, signOutCookies } from "./sign-in.ts";
import { pastOf, viewOf } from "./views.ts";
import { type Call, createVisitors, isSecure, type Refused, type Visitors } from "./visitors.ts";

/** The board, as a handler. It answers every request, and never throws. */
export interface RoomBoard {
  /**
   * Answers a request.
   *
   * @param request The request.
   * @param platform What the platform gave beside it, by which the board knows the address of who tries secrets.
   * @returns The answer; 404 for what the board does not have.
   */
  (request: Request, ...platform: readonly unknown[]): Promise<Response>;

  /**
   * Puts the board in front of a handler, normally that of `gate.wrap`: it must be reachable while visitors wait.
   *
   * @param handler Answers all other requests; the platform's extra arguments are handed on to it.
   * @returns A handler of the same kind.
   */
  route<A extends readonly unknown[], R>(
    handler: (request: Request, ...args: A) => R,
  ): (request: Request, ...args: A) => R | Promise<Response>;

  /** Stops counting what is shown of the last hours. */
  close(): void;
}

/** What the board is made of. */
interface Desk {
  readonly options: BoardOptions;
  readonly path: string;
  readonly title: string;
  readonly visitors: Visitors;
  readonly history: History;
  readonly now: () => number;
  readonly tell: (event: Omit<BoardEvent, "atMs">, call: Call) => void;
}

/**
 * Makes the board: one page, on which the owner of waiting rooms sees how they are doing, now and over the last hours, and changes
 * them. It works on a phone. Everybody has to say who they are; there is no default.
 *
 * Below its path: the page itself, `sign-in` and `sign-out`, and the same as JSON, for the page and for programs with
 * `Authorization: Bearer <secret>`: `GET rooms` (all rooms now), `GET rooms/<name>` (the last hours and the log of changes, with
 * `?since=` a time in Unix milliseconds for what came after it), and `POST rooms/<name>` with `{ order, revision }`, and `by` of a program.
 *
 * @param options The rooms, and who may look at them.
 * @returns The handler.
 * @throws {TypeError} When an option has the wrong shape, or nobody said who may look.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failClosed } from "stanchion";
 * import { waitingRoom } from "stanchion/waiting-room";
 * import { roomBoard } from "stanchion/waiting-room/board";
 *
 * const line = waitingRoom({ admitPerMinute: 60, capacity: 200 });
 * const gate = createGate({ publicHosts: ["shop.example.com"], plugins: [failClosed(), line] });
 * const board = roomBoard({ rooms: line.rooms, auth: { secrets: ["a-long-secret-from-a-vault"] } });
 *
 * export default { fetch: board.route(gate.wrap(() => new Response("Welcome"))) };
 * ```
 */
export function roomBoard(options: BoardOptions): RoomBoard {
  checkBoard(options);
  const { rooms, path = "/.stanchion-board", title = "Waiting rooms", now = Date.now } = options;
  const { historyHours = 6, onEvent = reportRefusals() } = options;
  const history = createHistory(rooms, historyHours, now);
  const desk: Desk = {
    options,
    path,
    title,
    visitors: createVisitors(options, path),
    history,
    now,
    tell(event, { address }) {
      try {
        onEvent({ ...event, atMs: now(), ...(address !== undefined && { address }) });
      } catch {
        // Whoever is told must not stop what is told.
      }
    },
  };
  const counting = countSteadily(history);

  async function handle(request: Request, ...platform: readonly unknown[]): Promise<Response> {
    counting.begin(request, platform);
    const call: Call = { request, address: platformOf(request, platform).peerAddress };
    try {
      return await respond(desk, call, pathBelow(path, request));
    } catch {
      // What went wrong may quote anything: it is not told.
      return said(problem(500, { detail: "It did not work" }), request);
    }
  }

  return Object.assign(handle, {
    route<A extends readonly unknown[], R>(handler: (request: Request, ...args: A) => R) {
      if (typeof handler !== "function") throw shapeError(subject, "handler", "a function", handler);
      return (request: Request, ...args: A): R | Promise<Response> => {
        counting.begin(request, args);
        return pathBelow(path, request) === undefined ? handler(request, ...args) : handle(request, ...args);
      };
    },
    close: counting.end,
  });
}

/** Counts from the first request on: before it, some platforms have no timers. Where they do not run, requests see to it. */
function countSteadily(history: History) {
  let cancel: (() => void) | undefined;
  let isClosed = false;

  function count(): void {
    cancel = schedule(count, history.stepMs);
    void history.visited();
  }

  return {
    begin(request: Request, platform: readonly unknown[]): void {
      if (isClosed) return;
      cancel ??= schedule(count, history.stepMs);
      const taken = history.visited();
      // Some platforms end what a request began together with it.
      if (taken !== undefined) keepAlive(platformOf(request, platform), taken);
    },
    end(): void {
      isClosed = true;
      cancel?.();
    },
  };
}

async function respond(desk: Desk, call: Call, rest: string | undefined): Promise<Response> {
  const { request } = call;
  const asset = assets.get(rest ?? "");
  if (asset !== undefined) {
    return methodOr(request, ["GET"], () => said(asset, request, { "cache-control": "no-cache" }));
  }
  switch (rest) {
    case "":
      return methodOr(request, ["GET"], () => page(desk, call));
    case "/sign-in":
      return methodOr(request, ["POST"], () => signIn(desk, call));
    case "/sign-out":
      return methodOr(request, ["POST"], () => signOut(desk, call));
    default: {
      const [, part, name, ...more] = (rest ?? "").split("/");
      const known = await desk.visitors.know(call);
      if (known === undefined || "why" in known) return refuse(desk, call, known ?? unknown);
      const isPlace = part === "rooms" && more.length === 0;
      if (!isPlace) return said(problem(404, { detail: "The board has nothing there" }), request);
      if (name === undefined) return methodOr(request, ["GET"], () => rooms(desk, call, known));
      return await room(desk, call, known, name);
    }
  }
}

const unknown: Refused = { status: 401, why: "no-rights" };

async function page(desk: Desk, call: Call): Promise<Response> {
  const { path, title, visitors } = desk;
  const known = await visitors.know(call);
  if (known !== undefined && !("why" in known)) {
    const body = boardPage({ path, title, operator: known, signsIn: visitors.signsIn });
    return html(200, body, call.request);
  }
  if (!visitors.signsIn || known !== undefined) return refuse(desk, call, known ?? unknown);
  return html(401, signInPage({ path, title }), call.request);
}

async function rooms({ options, history, now }: Desk, { request }: Call, known: Known): Promise<Response> {
  const time = now();
  const views = await Promise.all(options.rooms.map((room) => viewOf(room, history, time)));
  const { name, mayChange } = known;
  return said(answer(200, { now: time, operator: { name, mayChange }, rooms: views }), request);
}

async function room(desk: Desk, call: Call, known: Known, name: string): Promise<Response> {
  const { request } = call;
  const found = desk.options.rooms.find((each) => each.name === name);
  if (found === undefined) return said(problem(404, { detail: "There is no such room" }), request);
  return await methodOr(request, ["GET", "POST"], async () => {
    if (request.method !== "POST") {
      const since = Number(/[?&]since=(\d{1,15})(?:&|$)/.exec(request.url)?.[1] ?? 0);
      return said(answer(200, await pastOf(found, desk.history, since)), request);
    }
    if (!desk.visitors.isOwn(call, known)) return refuse(desk, call, otherSite, known, name);
    if (!known.mayChange) return refuse(desk, call, noRight, known, name);
    const { answer: told, by } = await changeRoom(found, request, known);
    if (by !== undefined) desk.tell({ is: "changed", by, room: name }, call);
    return said(told, request);
  });
}

const otherSite: Refused = { status: 403, why: "other-site" };
const noRight: Refused = { status: 403, why: "no-rights" };

/** How long the form of a sign-in may be, and how long it may take. */
const formLimits = { maxBytes: 4096, timeoutMs: 5000, isStrict: true };

async function signIn(desk: Desk, call: Call): Promise<Response> {
  const { path, title, visitors } = desk;
  const { request } = call;
  if (!visitors.signsIn) return said(problem(404, { detail: "Nobody signs in here" }), request);
  if (!visitors.isOwn(call, undefined)) return refuse(desk, call, otherSite);
  const { end, text } = await readText(request.body, formLimits);
  const form = new URLSearchParams(end === "whole" ? text : "");
  const name = (form.get("name") ?? "").trim();
  const again = (status: number, complaint: string) =>
    html(status, signInPage({ path, title, name, complaint }), request);
  if (!isPrintableName(name)) {
    return again(400, "Give a name, of up to 80 characters: it stands in the log of changes.");
  }
  const entered = visitors.enter(call, name, form.get("secret") ?? "");
  if (typeof entered === "string") {
    desk.tell({ is: "signed-in", by: name }, call);
    return new Response(null, {
      status: 303,
      headers: { ...pageHeaders, "location": path, "set-cookie": entered },
    });
  }
  desk.tell({ is: "refused", why: entered.why }, call);
  return entered.status === 429
    ? again(429, "Too many tries. Wait a minute.")
    : again(401, "That is not the secret.");
}

function signOut(desk: Desk, call: Call): Response {
  if (!desk.visitors.isOwn(call, undefined)) return refuse(desk, call, otherSite);
  const headers = new Headers({ ...pageHeaders, location: desk.path });
  for (const line of signOutCookies(isSecure(call.request))) headers.append("set-cookie", line);
  return new Response(null, { status: 303, headers });
}

const details: Readonly<Record<Refused["why"], string>> = {
  "no-rights": "You have no right to this",
  "wrong-secret": "That is not the secret",
  "too-many-tries": "Too many tries",
  "other-site": "Only the board itself may ask for this",
  "auth-failed": "Nobody could tell who you are",
};

/** What a refusal says besides: how to sign in, or when to try again. */
const hints: Readonly<Record<Refused["status"], Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": 'Bearer realm="stanchion"' },
  403: {},
  429: { "retry-after": "60" },
};

function refuse(desk: Desk, call: Call, { status, why }: Refused, known?: Known, room?: string): Response {
  const by = known !== undefined && known.name !== "" ? { by: known.name } : {};
  desk.tell({ is: "refused", why, ...by, ...(room !== undefined && { room }) }, call);
  const detail = why === "no-rights" && status === 401 ? "Sign in, or give a secret" : details[why];
  return said(problem(status, { detail }, hints[status]), call.request);
}

/** Answers a method that is known; HEAD is GET without a body. */
async function methodOr(
  request: Request,
  methods: readonly ("GET" | "POST")[],
  make: () => Response | Promise<Response>,
): Promise<Response> {
  const { method } = request;
  if (methods.some((each) => each === method || (each === "GET" && method === "HEAD"))) return await make();
  const allow = methods.flatMap((each) => each === "GET" ? ["GET", "HEAD"] : [each]).join(", ");
  return said(problem(405, { detail: "That does not know the method" }, { allow }), request);
}

function said(told: Answer, request: Request, more: Readonly<Record<string, string>> = {}): Response {
  return responseOf(told, request, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...more,
  });
}

function html(status: number, body: string, request: Request): Response {
  return responseOf({ status, body, type: "text/html; charset=utf-8" }, request, pageHeaders);
}
