/**
 * What does the gate cost? The bare handler is the floor; everything else is measured above it.
 *
 * Each call gets a request of its own, which nobody has looked at. How long its making takes is not measured.
 *
 * @module
 */

import { Hono } from "hono";
import { honoGate } from "../adapters/hono/mod.ts";
import { clientIp, cookieTokens, createGate, failOpen, preflight, requestBody, staticFiles } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import { asyncTimeOf, budgetOf, freshTimeOf, type Median, type Question, type Values } from "./_question.ts";
import {
  configuration,
  customerId,
  pageOf,
  readsVisitor,
  requestOf,
  secret,
  sessionOf,
} from "./_queue-it.ts";

const bare = "bare handler";
/** What no gate can do without: the address of the page, the session and the visitor's address. */
const reading = "handler that reads URL, cookie and address";
/** The same for a file that bypasses. */
const readingUrl = "handler that reads the URL";
const bypass = "static file bypasses";
const known = "known visitor admitted";
const prolonged = "known visitor admitted, session prolonged";
const redirect = "script redirected to the waiting room";
const isDenoOrBun: readonly string[] = ["deno", "bun"];

const above = (variant: string) => (median: Median) =>
  median(variant, "fresh request") - median(bare, "fresh request");

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Gate overhead",
  unit: "ns",
  variants: [
    bare,
    readingUrl,
    reading,
    "gate off",
    bypass,
    known,
    prolonged,
    redirect,
    "Hono alone",
    "Hono with the gate",
  ],
  rounds: { full: 2, quick: 1 },
  targets: [
    {
      claim: "static bypass above the bare handler",
      value: above(bypass),
      atMost: 150,
      unit: "ns",
      runtimes: isDenoOrBun,
      floor: { of: "reading the URL", value: above(readingUrl) },
    },
    {
      claim: "admitted, known visitor, above the bare handler",
      value: above(known),
      atMost: 1500,
      unit: "ns",
      runtimes: isDenoOrBun,
      floor: { of: "reading URL, cookie and address", value: above(reading) },
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const budget = budgetOf(isQuick);
    const { make, work } = setup(variant);
    const same = make();
    if (variant.startsWith("Hono")) {
      const fresh = await asyncTimeOf(async () => await work(make()), budget);
      const making = await freshTimeOf(() => 0, make, budget);
      return { "fresh request": fresh - making };
    }
    // The cheaper to warm up comes first.
    const again = await freshTimeOf(() => same, work, budget);
    return { "fresh request": await freshTimeOf(make, work, budget), "same request again": again };
  },
};

function setup(
  variant: string,
): { readonly make: () => Request; readonly work: (request: Request) => unknown } {
  const page = new Response("page");
  const handler = (_request: Request) => page;
  const issuedAt = Math.floor(Date.now() / 1000) - 60;
  const { value } = sessionOf("event19", { visitor: 1, issuedAt });
  const make = () => requestOf(pageOf(19), "event19", value);
  const fileOf = () => requestOf("https://shop.example.com/assets/app.4f3a.js?v=3", "event19", value);
  const gate = createGate({
    plugins: [
      staticFiles(),
      preflight(),
      clientIp({ trustedProxies: 1 }),
      requestBody(),
      cookieTokens(),
      failOpen(),
      queueIt({
        customerId,
        secretKeys: [secret],
        integrationConfig: configuration(20, variant === prolonged),
      }),
    ],
    mode: variant === "gate off" ? "off" : "enforce",
  });
  switch (variant) {
    case bare:
      return { make, work: handler };
    case readingUrl:
      return { make: fileOf, work: ({ url }) => url === "" ? 0 : page };
    case reading:
      return {
        make,
        work: (request) => readsVisitor(request) ? page : 0,
      };
    case bypass:
      return {
        make: fileOf,
        work: gate.wrap(handler),
      };
    case redirect:
      return {
        make: () => {
          const request = requestOf(pageOf(19), "", "");
          request.headers.set("x-queueit-ajaxpageurl", "https%3A%2F%2Fshop.example.com%2F");
          return request;
        },
        work: gate.wrap(handler),
      };
    case "Hono alone":
    case "Hono with the gate": {
      const app = new Hono();
      if (variant !== "Hono alone") app.use(honoGate(gate));
      app.get("/shoes/running", (c) => c.text("page"));
      return { make, work: (request) => app.fetch(request) };
    }
    default:
      return { make, work: gate.wrap(handler) };
  }
}
