/** What a gate is called with. Programs need not be type-checked, and a wrong call must not look like a wrong visitor. */

import { show } from "../options/check.ts";
import { field } from "./hand-over.ts";

/** Refuses to go on with what is no request, or without what calls the application. */
export function checkCall(request: unknown, next: unknown): void {
  checkRequest(request);
  if (typeof next === "function") return;
  throw new TypeError(
    `Cannot run gate: the second argument must be a function that calls the application, received ${
      show(next)
    }${hintOf(next)}; call gate(request, () => handler(request)), or gate.wrap(handler)(request)`,
  );
}

/** Refuses what is no request. By shape, where it has to be: one may come from another realm, or from a server's own class. */
export function checkRequest(request: unknown): void {
  if (request instanceof Request) return;
  if (typeof request === "object" && request !== null && "url" in request) {
    if (typeof field(field(request, "headers"), "get") === "function") return;
  }
  throw new TypeError(
    `Cannot run gate: the first argument must be a Request, received ${wrongRequest(request)}`,
  );
}

/** The way from what was given in place of a handler to one, where it holds one. */
export function hintOf(handler: unknown): string {
  return typeof field(handler, "fetch") === "function" ? '; hand over its "fetch"' : "";
}

/** What was given in place of a request, and the way from there to one. */
function wrongRequest(given: unknown): string {
  if (typeof given === "string") return `${show(given)}; make one of it: new Request(url)`;
  if (given instanceof URL) return "a URL; make one of it: new Request(url)";
  if (typeof given === "function") {
    return "a function; put the gate in front of a handler by gate.wrap(handler)";
  }
  if (typeof field(given, "url") === "string") {
    return "a request of node:http; put nodeGate(gate) of stanchion/node before its listener";
  }
  const { request, req } = { request: field(given, "request"), req: field(given, "req") };
  if (field(request, "url") !== undefined) {
    return 'an event or a context with a request; hand over its "request"';
  }
  if (field(req, "url") !== undefined) {
    return "a context of a framework; for Hono there is honoGate() of stanchion/hono";
  }
  return show(given);
}
