// deno-lint-ignore-file require-await -- whether a function is asynchronous is what is tested here
// What a plugin may and may not be.
import {
  type BodyText,
  type Call,
  type Calls,
  type Context,
  type ContextKey,
  contextKey,
  type Decision,
  type Facts,
  failOpen,
  GateError,
  type Guard,
  guarded,
  type HeaderChange,
  isAdmission,
  type Plugin,
  type Provider,
  type Refusal,
  type TokenStore,
} from "../../mod.ts";

declare const ctx: Context;

const everything: Plugin = {
  name: "everything",
  match: (given) => given.path !== "/health",
  async prepare() {},
  decide: async () => ({ action: "admit", reason: "everything/fine" }),
  recover: (_ctx, failure) =>
    failure.code === "timeout" ? { action: "admit", reason: "everything/late" } : undefined,
  respond: async (_ctx, refusal) => refusal.action === "queue" ? new Response(refusal.location) : undefined,
  headers: () => [["x-room", "a"]],
  async settled(_ctx, outcome) {
    const status: number | undefined = outcome.status;
    void status;
  },
};
void everything;
const nothing: Plugin = { name: "nothing" };
void nothing;

// @ts-expect-error A plugin has a name.
const nameless: Plugin = { match: () => true };
// @ts-expect-error There is no such hook.
const typo: Plugin = { name: "x", decied: () => undefined };
// @ts-expect-error match is always synchronous.
const asyncMatch: Plugin = { name: "x", match: async () => true };
// @ts-expect-error match says yes or no.
const vague: Plugin = { name: "x", match: () => undefined };
// @ts-expect-error recover is always synchronous.
const asyncRecover: Plugin = { name: "x", recover: async () => undefined };
// @ts-expect-error headers is always synchronous.
const asyncHeaders: Plugin = { name: "x", headers: async () => [] };
// @ts-expect-error headers returns names with values.
const halfHeaders: Plugin = { name: "x", headers: () => [["x-room"]] };
// @ts-expect-error A decision has a reason.
const reasonless: Plugin = { name: "x", decide: () => ({ action: "admit" }) };
// @ts-expect-error A reason is made of a plugin's name and a word.
const vagueReason: Plugin = { name: "x", decide: () => ({ action: "admit", reason: "because" }) };
// @ts-expect-error There is no such action.
const unknownAction: Plugin = { name: "x", decide: () => ({ action: "allow", reason: "x/y" }) };
// @ts-expect-error A decision is no boolean.
const yes: Plugin = { name: "x", decide: () => true };
// @ts-expect-error Who must wait is sent somewhere.
const nowhere: Plugin = { name: "x", decide: () => ({ action: "queue", reason: "x/y" }) };
// @ts-expect-error Who is rejected gets a status.
const silent: Plugin = { name: "x", decide: () => ({ action: "reject", reason: "x/y" }) };
// @ts-expect-error An admission has no location.
const both: Decision = { action: "admit", reason: "x/y", location: "/" };
// @ts-expect-error The response of a plugin carries its headers itself.
const twice: Decision = { action: "respond", reason: "x/y", response: new Response(), headers: [] };
// @ts-expect-error respond answers with a response.
const text: Plugin = { name: "x", respond: () => "wait" };
void [nameless, typo, asyncMatch, vague, asyncRecover, asyncHeaders, halfHeaders, reasonless, vagueReason];
void [unknownAction, yes, nowhere, silent, both, twice, text];

// Slots keep their type.
const count: ContextKey<number> = contextKey("count");
ctx.set(count, 5);
const read: number | undefined = ctx.get(count);
void read;
// @ts-expect-error The slot may be empty.
const certain: number = ctx.get(count);
void certain;
// @ts-expect-error The slot holds numbers.
ctx.set(count, "5");
// @ts-expect-error A slot of one type is no slot of a wider one.
const wider: ContextKey<number | string> = count;
// @ts-expect-error A slot of one type is no slot of a narrower one.
const narrower: ContextKey<5> = count;
void [wider, narrower];

// The context is to be looked at.
// @ts-expect-error The request stays what it is.
ctx.request = new Request("https://shop.example");
// @ts-expect-error Nobody listens to notes, as a rule.
ctx.note("remark");
ctx.note?.("remark");

// What costs something has a default, so it is always there.
const tokens: string | undefined | Promise<string | undefined> = ctx.tokens.read("a");
const address: string | undefined = ctx.address;
const passive: boolean = ctx.passive;
const body: BodyText | Promise<BodyText> = ctx.body();
void [tokens, address, origin, passive, body];
// @ts-expect-error Reading a body may take a while.
void ctx.body().text;

// A provider always decides, and says so.
const provider: Provider = {
  name: "p",
  final: "decide",
  service: "the API",
  decide: (_ctx, calls) =>
    calls.run({ what: "GET /", timeoutMs: 5, make: async (signal) => signal.aborted })
      .then(() => ({ action: "admit", reason: "p/fine", facts: { room: "a", proven: "service" } })),
};
void provider;
// @ts-expect-error A provider says that it always decides.
const notFinal: Provider = { name: "p", decide: () => ({ action: "admit", reason: "p/fine" }) };
// @ts-expect-error A provider decides about every request.
const sometimes: Provider = { name: "p", final: "decide", decide: () => undefined };
// @ts-expect-error What is protected is not its business.
const matching: Provider = { ...provider, match: () => true };
// @ts-expect-error Faults are left to a policy.
const recovering: Provider = { ...provider, recover: () => undefined };
// @ts-expect-error Who answers always does so in one of two hooks.
const finalHeaders: Plugin = { name: "x", final: "headers" };
// @ts-expect-error A plugin supplies what a context has.
const supplier: Plugin = { name: "x", supplies: { visitor: () => "a" } };
// @ts-expect-error An address is found at once.
const lateAddress: Plugin = { name: "x", supplies: { address: async () => "192.0.2.1" } };
// @ts-expect-error Room and visitor are texts.
const roomNumber: Facts = { room: 5 };
// @ts-expect-error There is no such proof.
const hearsay: Facts = { proven: "cookie" };
// @ts-expect-error A failure falls back on a waiting page, by its address.
new GateError("timeout", "late", { fallback: { location: 5 } });
// @ts-expect-error A call says how long it may take.
const endless: Call<string> = { what: "GET /", make: async () => "a" };
// @ts-expect-error A guard that explains changes nothing, so it has to say how.
const blunt: Guard = { run: (call) => call(), health: () => ({}) };
// @ts-expect-error Guards are put over providers.
guarded({ name: "x" }, blunt);
// @ts-expect-error Policies have options.
failOpen("always");
declare const calls: Calls;
const answer: Promise<number> = calls.run({ what: "GET /", timeoutMs: 5, make: async () => 5 });
// @ts-expect-error A store reads and writes.
const halfStore: TokenStore = { read: () => "a" };
void [notFinal, sometimes, matching, recovering, finalHeaders, supplier, lateAddress, roomNumber, hearsay];
void [endless, answer, halfStore];

// Decisions are told apart by their action.
declare const decision: Decision;
if (isAdmission(decision)) {
  const action: "admit" | "bypass" = decision.action;
  void action;
} else {
  const refusal: Refusal = decision;
  void refusal;
}
const change: HeaderChange = ["set-cookie", "a=1"];
// @ts-expect-error A change of headers stays what it is.
change[0] = "vary";

// @ts-expect-error There is no such cause.
new GateError("broken", "x");
