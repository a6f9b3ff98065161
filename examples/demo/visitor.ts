/**
 * A visitor who comes over HTTP as a browser does: opens pages, keeps cookies, and waits in the page of a waiting room as its script does.
 *
 * @module
 */

import { Agent, request } from "node:http";

/** What a visitor was answered. */
export interface Answer {
  readonly status: number;
  /** The name of each cookie that was set or forgotten, without its value: it is as good as a place. */
  readonly cookies: readonly string[];
  readonly text: string;
}

/** What is known of the place of somebody who waits. */
export interface Place {
  /** The place in the line; 1 is the next. `undefined` where it is not known. */
  readonly position: number | undefined;
  /** Whether the number is called, so that the visitor says again and again that they are there. */
  readonly isCalled: boolean;
}

/** A visitor. */
export interface Visitor {
  /** Opens a page. */
  open(url: string): Promise<Answer>;
  /** Makes a call as a script of a page does. */
  post(url: string, body?: object): Promise<Answer>;
  /**
   * Waits in a page until it is the visitor's turn to open it again, or joins anew.
   *
   * @param page The waiting page.
   * @param baseOf Gives the address of the site for the next call; of a site in two processes it may be either.
   * @param tell Is told of the place whenever it was asked for.
   */
  wait(page: string, baseOf: () => string, tell: (place: Place) => void): Promise<void>;
}

/** Where the time goes on, and who may speak when. */
export interface VisitorOptions {
  /** The visitor's address, as a proxy in front of the shop says it. @default {the one of this machine} */
  readonly address?: string;
  /** Waits for so many milliseconds; rejects when the visit is over. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when the visitor may make a request. @default {at once} */
  readonly turn?: () => Promise<void>;
  /** Reads the status of a room, which is the same for everybody. @default {asks for it} */
  readonly statusOf?: (url: string) => Promise<Status>;
}

/** As much of a room's status as a page needs. */
export interface Status {
  readonly epoch: number;
  /** The last number that is called. */
  readonly F: number;
  /** The last number of whom all before have had their turn. */
  readonly passed: number;
  /** After how long to look again at most, in seconds. */
  readonly poll: number;
}

/** What the page tells its script. */
interface View {
  readonly path: string;
  readonly epoch: number;
  readonly number?: number;
  readonly isCalled: boolean;
  readonly nextMs: number;
}

/** What a page is told that checks in. */
interface Told {
  readonly is: string;
  readonly nextMs?: number;
  readonly epoch?: number;
  readonly number?: number;
  readonly position?: number;
}

const connections = new Agent({ keepAlive: true, maxSockets: 16 });

/** Ends the connections that visitors have kept. */
export function closeConnections(): void {
  connections.destroy();
}

/**
 * Makes a visitor who has been here never before.
 *
 * @param options The visitor's address, and how time passes.
 * @returns The visitor.
 */
export function createVisitor({ address, sleep, turn, statusOf = readStatus }: VisitorOptions): Visitor {
  const jar = new Map<string, string>();

  async function ask(url: string, method: string, headers: Record<string, string>, body = "") {
    await turn?.();
    if (address !== undefined) headers["x-forwarded-for"] = address;
    if (jar.size > 0) headers["cookie"] = [...jar].map((pair) => pair.join("=")).join("; ");
    const { status, setCookies, text } = await send(url, method, headers, body);
    for (const line of setCookies) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /;\s*max-age=0\b/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return { status, text, cookies: setCookies.map((line) => line.split("=")[0] ?? "") };
  }

  const visitor: Visitor = {
    open(url) {
      const headers = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      return ask(url, "GET", headers);
    },
    post(url, body = {}) {
      const { origin } = new URL(url);
      const headers = {
        origin,
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
        "content-type": "application/json",
      };
      return ask(url, "POST", headers, JSON.stringify(body));
    },
    async wait(page, baseOf, tell) {
      let { path, epoch, number, isCalled, nextMs } = viewOf(page);
      // What the page itself says, before it asks for the first time.
      const first = /data-part="place">([\d,]+)</.exec(page)?.[1]?.replaceAll(",", "");
      tell({ position: first === undefined ? undefined : Number(first), isCalled });
      while (number !== undefined) {
        await sleep(nextMs * (0.8 + Math.random() * 0.4));
        if (!isCalled) {
          const status = await statusOf(`${baseOf()}${path}/status`);
          if (status.epoch === epoch && number > status.F) {
            tell({ position: Math.max(1, number - status.passed), isCalled });
            nextMs = Math.min(3000, status.poll * 1000);
            continue;
          }
        }
        const { status, text } = await visitor.post(`${baseOf()}${path}/check-in`, { hidden: false });
        if (status !== 200) {
          nextMs = 2000;
          continue;
        }
        // It is the demo's own room that answers.
        const told = JSON.parse(text) as Told;
        if (told.is !== "waiting" && told.is !== "far") return;
        isCalled = told.is === "waiting";
        epoch = told.epoch ?? epoch;
        number = told.number ?? number;
        nextMs = told.nextMs ?? 2000;
        tell({ position: told.position, isCalled });
      }
      await sleep(nextMs);
    },
  };
  return visitor;
}

/** What the waiting page hands to its script, first of all. Whoever gets another page tries again after a while. */
export function viewOf(page: string): View {
  const [, data] = /\}\)\((\{"path":.*?\}),\{"/s.exec(page) ?? [];
  if (data === undefined) return { path: "", epoch: 0, isCalled: false, nextMs: 3000 };
  // It is the demo's own room that wrote it.
  const { isCalled = false, ...view } = JSON.parse(data) as Omit<View, "isCalled"> & Partial<View>;
  return { ...view, isCalled };
}

/** Reads the status of a room. */
export async function readStatus(url: string): Promise<Status> {
  const { status, text } = await send(url, "GET", {}, "");
  if (status !== 200) throw new Error(`The status of the room cannot be read: HTTP ${status}`);
  // It is the demo's own room that answers.
  return JSON.parse(text) as Status;
}

/** `fetch` would say of itself that it is no navigation. */
function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly setCookies: readonly string[]; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const length = body === "" ? {} : { "content-length": String(new TextEncoder().encode(body).length) };
    const init = {
      method,
      headers: { "user-agent": "stanchion-demo", ...headers, ...length },
      agent: connections,
    };
    const asked = request(url, init, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => text += part);
      response.once("error", reject).once("end", () => {
        resolve({ status: response.statusCode ?? 0, setCookies: response.headers["set-cookie"] ?? [], text });
      });
    });
    asked.setTimeout(10_000, () => asked.destroy(new Error("no answer within 10 seconds")));
    asked.once("error", (error: Error & { readonly code?: string }) => {
      // The server ended a connection that was kept, before it read this: browsers ask again as well.
      if (asked.reusedSocket && error.code === "ECONNRESET") resolve(send(url, method, headers, body));
      else reject(error);
    }).end(body);
  });
}
