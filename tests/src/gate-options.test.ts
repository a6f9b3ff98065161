import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createGate, type GateOptions } from "../../mod.ts";
import { admitted, closing, provider, untyped } from "./_gates.ts";

const good = [closing, provider(admitted)];
const modes = '"enforce", "report", "off" or a function that returns one of them';
const hooks = "match, prepare, decide, recover, respond, headers, settled";
const options =
  "plugins, mode, publicHosts, basePath, caseSensitive, now, timer, onError, warn, hookTimeoutMs, maxPending, settledTimeoutMs";
const max = Number.MAX_SAFE_INTEGER;

const wrong: readonly [what: string, options: unknown, name: "TypeError" | "RangeError", message: string][] =
  [
    ["no options", undefined, "TypeError", "options must be an object, received undefined"],
    ["null", null, "TypeError", "options must be an object, received null"],
    ["a list", [], "TypeError", "options must be an object, received []"],
    ["a string", "x", "TypeError", 'options must be an object, received "x"'],
    [
      "a typo in an option",
      { plugin: good },
      "TypeError",
      `unknown option "plugin", the options are ${options}`,
    ],
    ["no plugins", {}, "TypeError", '"plugins" must be a list of plugins, received undefined'],
    [
      "one plugin",
      { plugins: closing },
      "TypeError",
      '"plugins" must be a list of plugins, received {"name":"closing"}',
    ],
    [
      "a factory",
      { plugins: [provider] },
      "TypeError",
      '"plugins[0]" must be a plugin object, received a function',
    ],
    [
      "a plugin that is none, by its place in a list with holes",
      { plugins: [closing, undefined, true] },
      "TypeError",
      '"plugins[2]" must be a plugin object, received true',
    ],
    [
      "a nameless one",
      { plugins: [{}] },
      "TypeError",
      '"plugins[0]" must be a plugin with a "name", received {}',
    ],
    [
      "an empty name",
      { plugins: [{ name: "" }] },
      "TypeError",
      '"plugins[0]" must be a plugin with a "name", received {"name":""}',
    ],
    [
      "a typo in a hook",
      { plugins: [{ name: "x", desire() {} }] },
      "TypeError",
      `plugin x has an unknown hook "desire", the hooks are ${hooks}`,
    ],
    [
      "a hook in capitals",
      { plugins: [{ name: "x", Match() {} }] },
      "TypeError",
      `plugin x has an unknown hook "Match", the hooks are ${hooks}`,
    ],
    [
      "a hook that is no function",
      { plugins: [{ name: "x", match: true }] },
      "TypeError",
      'hook "match" of plugin x must be a function, received true',
    ],
    [
      "a hook that is null",
      { plugins: [{ name: "x", decide: null }] },
      "TypeError",
      'hook "decide" of plugin x must be a function, received null',
    ],
    [
      "nobody who decides",
      { plugins: [closing] },
      "TypeError",
      'no plugin has a "decide" hook, so nobody would ever be let in; add a provider, such as crowdhandler({ publicKey })',
    ],
    [
      "a decide that is undefined",
      { plugins: [closing, { name: "x", decide: undefined }] },
      "TypeError",
      'no plugin has a "decide" hook, so nobody would ever be let in; add a provider, such as crowdhandler({ publicKey })',
    ],
    [
      "nobody who recovers",
      { plugins: [provider(admitted)] },
      "TypeError",
      'no plugin has a "recover" hook; add failOpen() or failClosed() to say what happens to visitors when the provider fails',
    ],
    [
      "an unknown mode",
      { plugins: good, mode: "on" },
      "RangeError",
      `"mode" must be ${modes}, received "on"`,
    ],
    [
      "a mode of no words",
      { plugins: good, mode: true },
      "TypeError",
      `"mode" must be ${modes}, received true`,
    ],
    ["a mode of null", { plugins: good, mode: null }, "TypeError", `"mode" must be ${modes}, received null`],
    ["a clock that stands", { plugins: good, now: 5 }, "TypeError", '"now" must be a function, received 5'],
    [
      "an onError list",
      { plugins: good, onError: [] },
      "TypeError",
      '"onError" must be a function, received []',
    ],
    [
      "a pending of zero",
      { plugins: good, maxPending: 0 },
      "RangeError",
      `"maxPending" must be an integer from 1 to ${max}, received 0`,
    ],
    [
      "half a pending",
      { plugins: good, maxPending: 1.5 },
      "RangeError",
      `"maxPending" must be an integer from 1 to ${max}, received 1.5`,
    ],
    [
      "a pending in words",
      { plugins: good, maxPending: "10" },
      "TypeError",
      `"maxPending" must be an integer from 1 to ${max}, received "10"`,
    ],
    [
      "a timeout without end",
      { plugins: good, settledTimeoutMs: Infinity },
      "RangeError",
      '"settledTimeoutMs" must be an integer from 1 to 600000, received Infinity',
    ],
    [
      "no number",
      { plugins: good, settledTimeoutMs: NaN },
      "RangeError",
      '"settledTimeoutMs" must be an integer from 1 to 600000, received NaN',
    ],
  ];

for (const [what, given, name, message] of wrong) {
  test(`createGate() refuses ${what}`, () => {
    assert.throws(() => createGate(untyped<GateOptions>(given)), {
      name,
      message: `Cannot create gate: ${message}`,
    });
  });
}

test("createGate() cuts a long value in its message", () => {
  assert.throws(() => createGate(untyped<GateOptions>({ plugins: "x".repeat(1000) })), (error: unknown) => {
    assert.ok(error instanceof TypeError);
    assert.ok(error.message.length < 150, error.message);
    return true;
  });
});

test("createGate() shows a value that cannot be written down", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  for (const plugins of [circular, 10n, Symbol("x")]) {
    assert.throws(() => createGate(untyped<GateOptions>({ plugins })), TypeError);
  }
});

test("createGate() takes undefined for an option that is left out", () => {
  const left = { plugins: good, mode: undefined, now: undefined, onError: undefined, maxPending: undefined };
  createGate(untyped<GateOptions>(left));
});

test("createGate() takes plugins that hold data of their own and hooks that are undefined", () => {
  createGate({
    plugins: [closing, { ...provider(admitted), ...untyped<object>({ version: 2, match: undefined }) }],
  });
});

test("createGate() skips what is falsy in the list of plugins, also a hole", async () => {
  const falsy = untyped<undefined[]>([, false, null, undefined, 0, 0n, "", Number.NaN]);
  const gate = createGate({ plugins: [...falsy, ...good, ...falsy] });
  assert.deepEqual(gate.plan.find(({ hook }) => hook === "decide")?.plugins, ["provider"]);
  const response = await gate(new Request("https://shop.example/"), () => new Response("page"));
  assert.equal(await response.text(), "page");
  assert.throws(() => createGate(untyped<GateOptions>({ plugins: falsy })), /no plugin has a "decide" hook/);
});
