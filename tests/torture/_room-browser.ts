/** A browser, or a program, that visits a site of several processes: one cookie a room, kept connections, and answers that get lost. */

import { Agent, type IncomingMessage, request } from "node:http";
import { type Asked, givenCookie, machineTime, type What } from "./_room-events.ts";
import { pause } from "./_tools.ts";

/** What all visitors share. */
export interface Street {
  readonly ports: readonly number[];
  readonly random: () => number;
  tell(event: Asked): void;
}

/** What a browser keeps; tabs share it. */
export interface Jar {
  cookie: string;
  /** All that it ever had. */
  readonly old: string[];
}

/** How a browser behaves. */
export interface BrowserOptions {
  readonly who: string;
  readonly role: string;
  readonly room: string;
  readonly jar?: Jar;
  /** Which share of the answers is lost. */
  readonly lost?: number;
  /** Whether it is a program, which keeps its ticket in a header. */
  readonly isProgram?: boolean;
}

/** An answer, as the visitor understood it. */
export type Answer = Pick<Asked, "situation" | "status" | "nextMs" | "isLost">;

/** A browser. */
export interface Browser {
  readonly options: BrowserOptions;
  readonly jar: Jar;
  page(): Promise<Answer>;
  checkIn(isHidden?: boolean): Promise<Answer>;
  leave(): Promise<Answer>;
  /** Asks for something that only pages ask for, with these headers. */
  resource(method: string, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 64 });
const timeoutMs = 8000;
const ticketHeader = "stanchion-ticket";
let visits = 0;

/** Opens a browser. */
export function openBrowser(street: Street, options: BrowserOptions): Browser {
  const { who, role, room, lost = 0, isProgram = false, jar = { cookie: "", old: [] } } = options;
  const { ports, random, tell } = street;
  const address = `10.${[0, 0, 0].map(() => Math.floor(random() * 256)).join(".")}`;

  async function ask(
    what: What,
    path: string,
    how: { method?: string; headers?: Readonly<Record<string, string>>; body?: string; isHidden?: boolean },
  ): Promise<Answer> {
    const { method = "GET", headers = {}, body, isHidden = false } = how;
    for (;;) {
      const node = Math.floor(random() * ports.length);
      const visit = `${who}/${++visits}`;
      const cookie = what === "resource" ? "" : jar.cookie;
      const sentAt = machineTime();
      const answer = await send({
        port: ports[node] ?? 0,
        method,
        path,
        body,
        // Half of the answers that are lost come, and are not taken; the others find nobody.
        loses: random() >= lost ? "nothing" : random() < 0.5 ? "answer" : "connection",
        headers: {
          host: "shop.test",
          "x-forwarded-for": address,
          "x-visit": visit,
          ...(cookie === ""
            ? {}
            : isProgram
            ? { [ticketHeader]: cookie }
            : { cookie: `__Host-stanchion-${room}=${cookie}` }),
          ...headers,
        },
      });
      if (answer === "refused") {
        // Nobody was there; another process is.
        await pause(20 + 60 * random());
        continue;
      }
      const { isLost, status, text, given } = answer;
      const { is: situation, nextMs } = isLost ? lostView : viewOf(status, text);
      const gotAt = machineTime();
      const event: Asked = {
        is: "asked",
        ...{ visit, who, role, room, what, node, sentAt, gotAt, cookie, isHidden },
        ...{ isLost, status, situation, nextMs, given },
      };
      tell(event);
      if (given !== undefined && what !== "resource") {
        // Whoever asked first may be answered last: then the other tab's cookie stays overwritten, as in a browser.
        if (given !== "") jar.old.push(given);
        jar.cookie = given;
      }
      return event;
    }
  }

  const navigation: Readonly<Record<string, string>> = isProgram ? { accept: "application/json" } : {
    accept: "text/html",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "none",
  };
  const ownPost = {
    "content-type": "application/json",
    accept: "application/json",
    ...(isProgram
      ? { [ticketHeader]: "" }
      : { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", origin: "https://shop.test" }),
  };

  function post(what: "check-in" | "leave", body: string, isHidden = false): Promise<Answer> {
    const own = isProgram && jar.cookie !== "" ? { ...ownPost, [ticketHeader]: jar.cookie } : ownPost;
    return ask(what, `/.stanchion/${room}/${what}`, { method: "POST", headers: own, body, isHidden });
  }

  return {
    options,
    jar,
    page: () => ask("page", `/${room}/page`, { headers: navigation }),
    checkIn: (isHidden = false) => post("check-in", JSON.stringify({ hidden: isHidden }), isHidden),
    leave: () => post("leave", "{}"),
    resource: (method, headers) => ask("resource", `/${room}/part`, { method, headers }),
  };
}

const lostView = { is: "lost", nextMs: undefined };

interface Sent {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly loses: "nothing" | "answer" | "connection";
}

interface Received {
  readonly isLost: boolean;
  readonly status: number;
  readonly text: string;
  readonly given: string | undefined;
}

const nothing: Received = { isLost: true, status: 0, text: "", given: undefined };

function send({ body, loses, ...where }: Sent): Promise<Received | "refused"> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", agent, ...where }, (response) => void take(response));
    asked.setTimeout(timeoutMs, () => asked.destroy());
    asked.on("error", (error: Error & { readonly code?: string }) => {
      resolve(error.code === "ECONNREFUSED" ? "refused" : nothing);
    });
    asked.end(body, () => {
      if (loses === "connection") setTimeout(() => (asked.destroy(), resolve(nothing)), 3);
    });

    async function take(response: IncomingMessage): Promise<void> {
      let text = "";
      try {
        for await (const piece of response.setEncoding("utf8")) text += piece;
      } catch {
        return resolve(nothing);
      }
      if (loses === "answer") return resolve(nothing);
      const { headers, statusCode: status = 0 } = response;
      const header = headers[ticketHeader];
      const given = typeof header === "string" ? header : givenCookie(headers["set-cookie"] ?? []);
      resolve({ isLost: false, status, text, given });
    }
  });
}

/** What a page or a document says. */
function viewOf(status: number, text: string): { readonly is: string; readonly nextMs: number | undefined } {
  if (status === 200 && text === "welcome") return { is: "served", nextMs: undefined };
  const json = /<script type="application\/json">(.*?)<\/script>/.exec(text)?.[1] ?? text;
  try {
    // The processes are ours.
    const told = JSON.parse(json) as {
      readonly is?: string;
      readonly nextMs?: number;
      readonly seconds?: number;
    };
    if (told.is !== undefined) return { is: told.is, nextMs: told.nextMs };
    if (told.seconds !== undefined && status === 503) return { is: "told", nextMs: told.seconds * 1000 };
  } catch {
    // The failure policy's answer, or one of the server itself.
  }
  return { is: "failed", nextMs: undefined };
}
