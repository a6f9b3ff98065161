import { strict as assert } from "node:assert";
import { test } from "node:test";
import { clientIp, type GateOptions, type Plugin } from "../../mod.ts";
import { gateOf, page } from "./_gates.ts";

const returning: Plugin = { name: "returning", prepare: (ctx) => void ctx.returnUrl };

/** What the console says of three visits. */
async function said(
  headers: Record<string, string>,
  options: Omit<GateOptions, "plugins"> = {},
  url = "http://10.0.0.7:8080/tickets",
  plugins: readonly Plugin[] = [],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => lines.push(line);
  try {
    const { gate } = gateOf([...plugins, returning], options);
    const visit = () => new Request(url, { headers });
    await gate.explain(visit());
    assert.deepEqual(lines, []);
    for (let at = 0; at < 3; at++) await gate(visit(), page);
  } finally {
    console.warn = warn;
  }
  return lines;
}

const proto = { "x-forwarded-proto": "https" };

test("an http URL that a proxy calls encrypted is told once, with the way out", async () => {
  const table: Record<string, string>[] = [
    proto,
    { "x-forwarded-proto": "http, https" },
    { "x-forwarded-proto": "HTTPS" },
    { forwarded: 'for=192.0.2.1;proto="https";host=shop.example' },
    { "x-forwarded-ssl": "on" },
    { "cf-visitor": '{"scheme":"https"}' },
    { "cloudfront-forwarded-proto": "https" },
    { "front-end-https": "on" },
  ];
  for (const headers of table) {
    const lines = await said(headers);
    assert.equal(lines.length, 1, JSON.stringify(headers));
    assert.match(
      lines[0] ?? "",
      /^gate: a request says by "[\w-]+" that the page is encrypted, .*publicHosts: \["/,
    );
    assert.ok(lines[0]?.includes(Object.keys(headers)[0] ?? "?"));
  }
});

test("so it is where the public hosts are those of an unencrypted site", async () => {
  const lines = await said(proto, { publicHosts: ["http://shop.example"] });
  assert.match(lines.join("\n"), /^gate: .*"publicHosts" say http:\/\//);
});

test("nothing is told where the two agree, or the gate knows better", async () => {
  assert.deepEqual(await said({}), []);
  assert.deepEqual(await said({ "x-forwarded-proto": "http" }), []);
  assert.deepEqual(await said({ "x-forwarded-proto": "https, http" }), []);
  assert.deepEqual(await said(proto, {}, "https://shop.example/"), []);
  assert.deepEqual(await said(proto, { publicHosts: ["shop.example"] }), []);
  const trusting = clientIp({ trustedProxies: 1, forwardedHost: true, warn() {} });
  assert.deepEqual(await said(proto, {}, undefined, [trusting]), []);
});
