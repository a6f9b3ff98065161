// `honoGate()` types what handlers find, without declaration merging; `fromHono()` takes what Hono takes.
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { hc } from "hono/client";
import { createMiddleware } from "hono/factory";
import { ipRestriction } from "hono/ip-restriction";
import { type ContextKey, contextKey, type Decision, type Gate, type Plugin } from "../../mod.ts";
import {
  fromHono,
  honoGate,
  type StanchionFactVariables,
  type StanchionVariables,
  type StanchionVisit,
} from "../../adapters/hono/mod.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_same: Same<A, B>): void {}

declare const gate: Gate;
const key: ContextKey<number> = contextKey("number");

// Declared for the whole app
const app = new Hono<{ Variables: StanchionVariables; Bindings: { readonly KEY: string } }>();
app.use(honoGate(gate));
app.use("/tickets/*", honoGate(gate));
app.get("/", (c) => {
  const visit = c.get("stanchion");
  same<typeof visit, StanchionVisit>(true);
  same<typeof visit.decision, Decision>(true);
  same<typeof visit.address, string | undefined>(true);
  same<typeof visit.visitor, string | undefined>(true);
  const held = visit.get(key);
  same<typeof held, number | undefined>(true);
  same<typeof c.var.stanchion, StanchionVisit>(true);
  // @ts-expect-error What the gate found is not to be changed.
  visit.decision = { action: "admit", reason: "app/changed" };
  // @ts-expect-error There is no such fact.
  void visit.ip;
  return c.text(c.env.KEY);
});

// Inferred from the middleware
const chained = new Hono()
  .use(honoGate(gate))
  .get("/json", (c) => c.json({ reason: c.get("stanchion").decision.reason }));
new Hono().get("/one", honoGate(gate), (c) => c.text(c.get("stanchion").decision.action));
// @ts-expect-error No gate, no visit.
new Hono().get("/none", (c) => c.text(c.get("stanchion").decision.action));

// The types of Hono's client survive
async function call(): Promise<void> {
  const response = await hc<typeof chained>("https://shop.example").json.$get();
  const json = await response.json();
  same<typeof json, { reason: `${string}/${string}` }>(true);
}
void call;

// Hono's own middlewares, and typed ones
const plugins: readonly Plugin[] = [
  fromHono("networks", ipRestriction((c) => c.get("stanchion").address ?? "", { denyList: [] })),
  fromHono("staff", basicAuth({ username: "a", password: "b" }), { looksOnly: true }),
  fromHono(
    "typed",
    createMiddleware<{ Variables: StanchionFactVariables }>(async (c, next) => {
      const facts = c.get("stanchion");
      same<typeof facts.address, string | undefined>(true);
      // @ts-expect-error Nothing is decided yet.
      void facts.decision;
      await next();
    }),
  ),
  fromHono("inline", async (c, next) => {
    if (c.req.header("user-agent") === undefined) return c.text("Who are you?", 400);
    await next();
  }),
];
void plugins;

// @ts-expect-error A gate is needed.
honoGate();
// @ts-expect-error Plugins are not a gate.
honoGate(plugins);
// @ts-expect-error A plugin has a name.
fromHono(basicAuth({ username: "a", password: "b" }));
// @ts-expect-error There is no such option.
fromHono("staff", basicAuth({ username: "a", password: "b" }), { looks: true });
// @ts-expect-error An app is no middleware.
fromHono("staff", new Hono());
