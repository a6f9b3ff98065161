import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failOpen, type Plugin } from "../../mod.ts";
import { queueIt } from "../../plugins/queue-it/mod.ts";
import { triggers } from "../../plugins/triggers.ts";
import { configOf, integration } from "./queue-it/_helpers.ts";

const closed: Plugin = {
  name: "closed",
  decide: () => ({ action: "reject", reason: "closed/now", status: 503 }),
};

/** What the console says of some visits to a gate. */
async function said(
  plugins: () => readonly Plugin[],
  publicHosts?: readonly string[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => lines.push(line);
  try {
    const gate = createGate({ plugins: [failOpen(), ...plugins()], ...(publicHosts && { publicHosts }) });
    await gate.explain(new Request("https://shop.example/"));
    for (let visit = 0; visit < 3; visit++) {
      await gate(new Request("https://shop.example/"), () => new Response("page"));
    }
  } finally {
    console.warn = warn;
  }
  return lines;
}

test("rules on the host are no guard without publicHosts, which is told once", async () => {
  const onHost = () => [triggers([{ name: "a", any: [{ host: { equals: "shop.example" } }] }]), closed];
  const onScheme =
    () => [triggers([{ name: "a", any: [{ url: { contains: "https://shop.example/" } }] }]), closed];
  const onPath = () => [triggers([{ name: "a", any: [{ path: { contains: "/" } }] }]), closed];
  for (const plugins of [onHost, onScheme]) {
    const lines = await said(plugins);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^triggers: rules look at the host .* publicHosts/);
    assert.deepEqual(await said(plugins, ["shop.example"]), []);
  }
  assert.deepEqual(await said(onPath), []);
});

test("so it is with triggers of Queue-it", async () => {
  const part = {
    ValidatorType: "UrlValidator",
    UrlPart: "HostName",
    Operator: "Equals",
    ValueToCompare: "shop.example",
  };
  const integrationConfig = configOf(
    integration({ Triggers: [{ LogicalOperator: "And", TriggerParts: [part] }] }),
  );
  const plugins = () => [
    queueIt({ customerId: "ticketania", secretKeys: ["secret"], integrationConfig, onConfiguration() {} }),
  ];
  const lines = await said(plugins);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^queue-it: rules look at the host/);
  assert.deepEqual(await said(plugins, ["shop.example"]), []);
});
