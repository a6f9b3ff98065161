import { createServer, type IncomingMessage, type Server } from "node:http";
import { messageRequest } from "../adapters/node/mod.ts";
import type { RoomBoard } from "../plugins/waiting-room/board/mod.ts";
import { sendAnswer } from "./proxy/mod.ts";

/** What the second port shows. */
export interface AdminPages {
  /** Whether nobody is to be sent here any more. */
  readonly isStopping: () => boolean;
  /** Whether the site answers. */
  readonly isUp: () => boolean;
  /** The metrics. */
  readonly metrics: () => string;
  /** The board, which asks for a secret itself; none without one, and none of a hosted service. */
  readonly board: () => RoomBoard | undefined;
}

/** Where the board is. */
export const boardPath = "/board";

/** Makes the server of whoever runs the gateway. Health and metrics tell nothing of visitors, and everybody who gets there may read them. */
export function createAdmin(pages: AdminPages): Server {
  const server = createServer((incoming, outgoing) => {
    outgoing.on("error", () => {});
    void answer(pages, messageRequest(incoming, outgoing), incoming)
      .catch(() => said(500, "It did not work.\n"))
      .then((response) =>
        sendAnswer(outgoing, response, [], {
          isHead: incoming.method === "HEAD",
          closes: false,
          mostMs: 60_000,
        })
      );
  });
  server.headersTimeout = 10_000;
  server.maxConnections = 1000;
  return server;
}

async function answer(pages: AdminPages, request: Request, incoming: IncomingMessage): Promise<Response> {
  if (!URL.canParse(request.url) || request.url === "http:///") return said(400, "This is no address.\n");
  const { pathname } = new URL(request.url);
  if (pathname === boardPath || pathname.startsWith(`${boardPath}/`)) {
    const board = pages.board();
    if (board !== undefined) return await board(request, incoming);
    return said(404, "There is no board without a secret: STANCHION_ADMIN_SECRET, or --admin-secret-file.\n");
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return said(405, "This is for GET.\n", { allow: "GET, HEAD" });
  }
  switch (pathname) {
    // It lives as long as it answers; one that stops ends by itself.
    case "/healthz":
      return said(200, "ok\n");
    case "/readyz":
      if (pages.isStopping()) return said(503, "It is stopping.\n");
      // A gateway whose site is away still shows the waiting room, which whoever balances loads could not.
      return said(200, pages.isUp() ? "ok\n" : "ok, but the site does not answer\n");
    case "/metrics":
      return said(200, pages.metrics(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    case "/":
      return said(302, "", { location: boardPath });
    default:
      return said(404, "There are /healthz, /readyz, /metrics and /board.\n");
  }
}

function said(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
