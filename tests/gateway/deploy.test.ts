import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { settings, variableOf } from "../../cli/serve/options.ts";
import { page, withGateway } from "./_gateway.ts";
import { answering } from "./_wire.ts";

function read(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url)), "utf8");
}

/** The metrics that a text names. */
function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\bstanchion_[a-z_]+/g) ?? [])];
}

test("the dashboard and the alerts of deploy/ name metrics that a gateway has", async () => {
  await withGateway(answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nshop"), {
    rate: 600,
    capacity: 10,
  }, async (gateway) => {
    await gateway.ask(page("/"));
    await gateway.ask(page("/"));
    const metrics = await gateway.askAdmin("/metrics");
    const known = new Set(
      [...metrics.matchAll(/^(?:# TYPE )?(stanchion_[a-z_]+)/gm)].map(([, name]) => name),
    );
    for (const file of ["grafana/stanchion.json", "prometheus/alerts.yml"]) {
      const expressions = file.endsWith(".json")
        ? JSON.parse(read(file)).panels.flatMap((panel: { targets: { expr: string }[] }) =>
          panel.targets.map(({ expr }) => expr)
        )
        : parse(read(file)).groups.flatMap((group: { rules: { expr: string }[] }) =>
          group.rules.map(({ expr }) => expr)
        );
      const names = namesIn(expressions.join("\n"));
      assert.ok(names.length > 3, file);
      assert.deepEqual(names.filter((name) => !known.has(name)), [], file);
    }
  });
});

test("the services of deploy/ set variables that the gateway knows, and every alert says what to do", () => {
  const known = new Set([
    ...Object.keys(settings).map(variableOf),
    "STANCHION_ADMIN_SECRET",
    "STANCHION_ROOM_KEY",
  ]);
  for (const file of ["compose.yaml", "stanchion.service"]) {
    const names = read(file).match(/\bSTANCHION_[A-Z_]+/g) ?? [];
    assert.deepEqual(names.filter((name) => !known.has(name)), [], file);
  }
  assert.doesNotThrow(() => parse(read("compose.yaml"), { merge: true }));
  const { groups } = parse(read("prometheus/alerts.yml"));
  for (const { rules } of groups) {
    for (const { alert, annotations } of rules) {
      for (const each of ["summary", "action"]) assert.match(annotations[each] ?? "", /\.$/, alert);
    }
  }
});
