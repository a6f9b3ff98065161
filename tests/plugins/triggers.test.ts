import assert from "node:assert/strict";
import { test } from "node:test";

import { createGate, failClosed } from "../../mod.ts";
import { requestBody } from "../../plugins/request-body.ts";
import {
  type TriggerReport,
  type TriggerRule,
  triggers,
  type TriggersOptions,
} from "../../plugins/triggers.ts";
import { answered, gateOf, page, provider, queued, rejected, request, untyped } from "../src/_gates.ts";

const rules: readonly TriggerRule[] = [
  { name: "tickets", any: [{ path: { contains: "/seats" } }, { path: { contains: "/tickets" } }] },
  { name: "orders", any: [{ path: { equals: "/order" }, body: { contains: "sku=1" } }] },
];

function post(path: string, body: BodyInit): Request {
  return request(path, { method: "POST", body, duplex: "half" } as RequestInit);
}

test("triggers() lets a request bypass the gate that meets no rule, without a promise", () => {
  const { gate } = gateOf([triggers(rules), provider(queued)]);
  assert.equal(answered(gate(request("/about"), page)).status, 200);
  assert.equal(answered(gate(request("/tickets/7"), page)).status, 302);
});

test("triggers() gives its reason and names the rule, the trigger and the part in gate.explain()", async () => {
  const { gate } = gateOf([triggers(rules)]);
  const unmatched = await gate.explain(request("/about"));
  assert.deepEqual(unmatched.decision, { action: "bypass", reason: "triggers/unmatched" });
  const matched = await gate.explain(request("/tickets/7"));
  const step = matched.steps.find(({ plugin, hook }) => plugin === "triggers" && hook === "decide");
  assert.deepEqual(step?.notes, ['rule 0 ("tickets"), trigger 1, part 0']);
});

test("triggers() protects a page however it is spelled, and says by which form", async () => {
  const { gate } = gateOf([triggers(rules), provider(queued)]);
  for (
    const path of ["/Tickets/7", "/%74ickets", "/x/%2E%2E/tickets", "/SEATS;v=1", "//tickets", "/%2574ickets"]
  ) {
    assert.equal(answered(gate(request(path), page)).status, 302, path);
  }
  assert.equal(answered(gate(request("/?next=/tickets"), page)).status, 200);
  const { steps } = await gate.explain(request("/%2574ickets?name=me"));
  const step = steps.find(({ plugin, hook }) => plugin === "triggers" && hook === "decide");
  assert.match(
    step?.notes[0] ?? "",
    /^rule 0 \("tickets"\), trigger 1, part 0, by the reading "[^"]*\/tickets\?…"$/,
  );
});

test("triggers() takes two pages that differ in case for one, unless the application does not", () => {
  for (const caseSensitive of [false, true]) {
    const gate = createGate({ caseSensitive, plugins: [failClosed(), triggers(rules), provider(queued)] });
    const { status } = answered(gate(request("/Tickets"), page));
    assert.equal(status, caseSensitive ? 200 : 302);
  }
});

test("triggers() waits for the body where any form of the URL depends on it", async () => {
  const { gate } = gateOf([requestBody(), triggers(rules), provider(queued)]);
  for (const path of ["/Order", "/%6frder/"]) {
    assert.equal((await gate(post(path, "sku=1"), page)).status, 302, path);
    assert.equal((await gate(post(path, "sku=2"), page)).status, 200, path);
  }
});

test("triggers() leaves the body alone unless a rule depends on it", () => {
  const { gate } = gateOf([requestBody(), triggers(rules), provider(queued)]);
  const sent = post("/about", "sku=1");
  assert.equal(answered(gate(sent, page)).status, 200);
  assert.equal(sent.bodyUsed, false);
});

for (const [what, before] of [["with requestBody()", [requestBody()]], ["on its own", []]] as const) {
  test(`triggers() reads the body for the rule that depends on it, ${what}`, async () => {
    const { gate } = gateOf([...before, triggers(rules), provider(queued)]);
    const bodies: string[] = [];
    const ordered = await gate(post("/order", "a=1&sku=1"), page);
    assert.equal(ordered.status, 302);
    const sent = post("/order", "a=1&sku=2");
    const other = await gate(sent, async () => {
      bodies.push(await sent.text());
      return page();
    });
    assert.equal(other.status, 200);
    assert.deepEqual(bodies, ["a=1&sku=2"]);
  });
}

test("triggers() does not wait for the body of a request that has none", () => {
  const { gate } = gateOf([triggers(rules), provider(queued)]);
  assert.equal(answered(gate(request("/order"), page)).status, 200);
});

test("triggers() counts a body that cannot be read to its end as meeting the rule", async () => {
  const { gate } = gateOf([requestBody({ maxBytes: 16 }), triggers(rules), provider(queued)]);
  const padded = `${"x".repeat(32)}&sku=1`;
  assert.equal((await gate(post("/order", padded), page)).status, 302);
  const { steps } = await gate.explain(post("/order", padded));
  const notes = steps.flatMap((step) => step.notes);
  assert.deepEqual(notes, ["the body could not be read to its end, so it counts as meeting the rule"]);
});

test("triggers() finds what a body says however it is spelled, and what a body hides", async () => {
  const { gate } = gateOf([triggers(rules), provider(queued)]);
  const met = [
    "s%6bu=1",
    "a=1&%73%6B%75%3d%31",
    '{"x":"s\\u006bu=1"}',
    "s\0k\0u\0=\x001\0",
    '{"order":{"sku":1.0}}',
    "order%5Bsku%5D=1",
    '--x\r\nContent-Disposition: form-data; name="sku"\r\n\r\n1\r\n--x--\r\n',
    "--x\r\nContent-Transfer-Encoding: base64\r\n\r\nc2t1PTE=\r\n--x--",
  ];
  for (const body of met) assert.equal((await gate(post("/order", body), page)).status, 302, body);
  for (const body of ["s%6bu=2", "sku%3D%zz1", '{"sku":2}']) {
    assert.equal((await gate(post("/order", body), page)).status, 200, body);
  }
});

test("triggers() takes a body for one without a text if any form of it has none", async () => {
  const { gate } = gateOf([
    triggers([{ name: "unsigned", all: [{ body: { contains: "sig=ok", not: true } }] }]),
    provider(queued),
  ]);
  assert.equal((await gate(post("/order", "sig=ok"), page)).status, 200);
  assert.equal((await gate(post("/order", "sig=no"), page)).status, 302);
  // The notations in which it was not sent say nothing of what is not there.
  assert.equal((await gate(post("/order", "sig=ok&x[y]=1.0"), page)).status, 200);
  assert.equal((await gate(post("/order", '{"sig":"ok"}'), page)).status, 302);
});

test("triggers() leaves decisions of other plugins alone", () => {
  const { gate } = gateOf([{ name: "first", decide: () => rejected }, triggers(rules)]);
  assert.equal(answered(gate(request("/about"), page)).status, 403);
});

test("triggers() tells onReport of suspicious rules at construction", () => {
  const reports: TriggerReport[] = [];
  triggers([
    { name: "shop", any: [{ path: { contains: "/shop" } }] },
    { name: "cart", any: [{ path: { contains: "/shop/cart" } }] },
  ], { onReport: (report) => reports.push(report) });
  assert.deepEqual(reports.map(({ code, name, by }) => [code, name, by]), [["shadowed", "cart", [0]]]);
});

test("triggers() copes with whatever a visitor sends", () => {
  const { gate } = gateOf([
    triggers([{
      name: "odd",
      any: [{
        path: { contains: "/odd" },
        cookie: { name: "a", equals: "%" },
        header: { name: "x-a", contains: "b" },
      }],
      normalize: true,
    }]),
    provider(queued),
  ]);
  for (const path of ["/%", "/%ff%fe", "/odd?%zz", `/${"a".repeat(100_000)}`]) {
    const headers = { cookie: `a=%; =; ;;a; a=${"%".repeat(5000)}`, "x-a": "\u00ff" };
    assert.equal(answered(gate(request(path, { headers }), page)).status, 200);
  }
  const odd = request("/a/../%6fdd", { headers: { cookie: "a=%", "x-a": "abc" } });
  assert.equal(answered(gate(odd, page)).status, 302);
});

test("triggers() refuses wrong rules and options", () => {
  assert.throws(() => triggers([]), {
    name: "RangeError",
    message: 'Cannot create triggers plugin: "rules" must be a list with at least one rule, received []',
  });
  assert.throws(() => triggers(untyped({})), {
    name: "TypeError",
    message: 'Cannot create triggers plugin: "rules" must be a list of rules, received {}',
  });
  assert.throws(() => triggers(rules, untyped<TriggersOptions>({ onreport: 1 })), {
    name: "TypeError",
    message: 'Cannot create triggers plugin: unknown option "onreport", the options are onReport',
  });
  assert.throws(() => triggers(rules, untyped<TriggersOptions>({ onReport: 1 })), {
    name: "TypeError",
    message: 'Cannot create triggers plugin: "onReport" must be a function, received 1',
  });
  // @ts-expect-error A test says what the text must be.
  assert.throws(() => triggers([{ name: "r", any: [{ path: "/a" }] }]), TypeError);
});

test("triggers() tells the console of rules that protect less than they seem to, unless somebody else is told", () => {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => lines.push(line);
  try {
    const rule = (name: string, contains: string) => ({ name, any: [{ path: { contains } }] });
    triggers([rule("all", "/"), rule("later", "/later"), rule("query", "/tickets?id=5")]);
    triggers([rule("query", "?id=5")], { onReport() {} });
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(lines, [
    'triggers: rule "query": It never matches: "/tickets?id=5" has a "?", and the path ends before it: use url',
    'triggers: rule "query": No trigger ever holds',
  ]);
});
