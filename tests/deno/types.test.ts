/** The public types, from the outside: each line is checked when the file is compiled. */

import {
  assertType,
  type Has,
  type IsAny,
  type IsExact,
  type IsNever,
  type IsNullable,
  type NotHas,
} from "@std/testing/types";
import {
  type Context,
  type ContextKey,
  contextKey,
  type createGate,
  type Decision,
  type Explanation,
  type FailureCode,
  type failureCodes,
  type Gate,
  type GateError,
  type HookError,
  type HookName,
  type Mode,
  type PlainAnswer,
  type Plan,
  type Plugin,
  type Refusal,
  type ServiceError,
} from "../../mod.ts";

Deno.test("a decision is one of six actions, each with a reason", () => {
  assertType<
    IsExact<Decision["action"], "bypass" | "admit" | "queue" | "redirect" | "reject" | "respond">
  >(true);
  assertType<IsExact<Refusal["action"], "queue" | "redirect" | "reject" | "respond">>(true);
  assertType<IsExact<Decision["reason"], `${string}/${string}`>>(true);
  assertType<IsExact<Extract<Decision, { readonly action: "queue" }>["location"], string>>(true);
  assertType<IsExact<Extract<Decision, { readonly action: "reject" }>["status"], number>>(true);
});

Deno.test("match, recover and headers are synchronous; the other hooks may wait", () => {
  type Result<H extends HookName> = ReturnType<NonNullable<Plugin[H]>>;
  assertType<IsExact<Result<"match">, boolean>>(true);
  assertType<IsExact<Result<"recover">, Decision | undefined>>(true);
  assertType<NotHas<Result<"headers">, Promise<unknown>>>(true);
  assertType<Has<Result<"prepare">, Promise<void>>>(true);
  assertType<Has<Result<"decide">, Promise<Decision | undefined>>>(true);
  assertType<Has<Result<"respond">, Promise<Response | PlainAnswer | undefined>>>(true);
  assertType<Has<Result<"settled">, Promise<void>>>(true);
});

Deno.test("a plugin is its name, what it says of itself, and seven hooks, of which none must be there", () => {
  assertType<
    IsExact<
      Exclude<keyof Plugin, HookName>,
      "name" | "supplies" | "final" | "timed" | "longestMs" | "publicHosts" | "wraps" | "health"
    >
  >(true);
  assertType<IsExact<Exclude<HookName, keyof Plugin>, never>>(true);
  assertType<IsNullable<Plugin["decide"]>>(true);
  assertType<IsNullable<Plugin["name"]>>(false);
});

Deno.test("a slot keeps its type, and may be empty", () => {
  const key = contextKey<number>("count");
  assertType<IsExact<typeof key, ContextKey<number>>>(true);
  const read = (ctx: Context) => ctx.get(key);
  assertType<IsExact<ReturnType<typeof read>, number | undefined>>(true);
  assertType<IsAny<ReturnType<typeof read>>>(false);
});

Deno.test("gate.wrap() gives a handler of the kind that it was given", () => {
  const wrap = (gate: Gate) => ({
    plain: gate.wrap(() => new Response()),
    worker: gate.wrap((_request: Request, _env: { readonly KEY: string }, _ctx: object) => new Response()),
    socket: gate.wrap((_request: Request, _server: object): Response | undefined => undefined),
  });
  type Wrapped = ReturnType<typeof wrap>;
  assertType<IsExact<Parameters<Wrapped["worker"]>[1], { readonly KEY: string }>>(true);
  assertType<IsExact<Parameters<Wrapped["worker"]>["length"], 3>>(true);
  assertType<IsExact<ReturnType<Wrapped["plain"]>, Response | Promise<Response>>>(true);
  assertType<IsNullable<ReturnType<Wrapped["socket"]>>>(true);
});

Deno.test("createGate() gives a gate, whose members say what they are", () => {
  assertType<IsExact<ReturnType<typeof createGate>, Gate>>(true);
  assertType<IsExact<Gate["errors"], number>>(true);
  assertType<IsExact<Gate["plan"], Plan>>(true);
  assertType<IsExact<ReturnType<Gate["explain"]>, Promise<Explanation>>>(true);
  assertType<IsExact<ReturnType<Gate["idle"]>, Promise<void>>>(true);
  assertType<IsExact<Mode, "enforce" | "report" | "off">>(true);
  assertType<IsNever<Extract<Mode, undefined>>>(true);
});

Deno.test("faults are told apart by a literal code", () => {
  assertType<
    IsExact<
      FailureCode,
      | "timeout"
      | "unreachable"
      | "throttled"
      | "rejected"
      | "unidentified"
      | "malformed"
      | "overloaded"
      | "internal"
    >
  >(true);
  assertType<IsExact<(typeof failureCodes)[number], FailureCode>>(true);
  assertType<IsExact<GateError["code"], FailureCode>>(true);
  assertType<IsExact<HookError["hook"], HookName>>(true);
  assertType<IsExact<ServiceError["status"], number | undefined>>(true);
});
