import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { parseCommand } from "../../cli/command.ts";
import { fromEnvironment, secretOptions, settings, variableOf } from "../../cli/serve/options.ts";
import { readConfig } from "../../gateway/mod.ts";
import { page, withGateway } from "./_gateway.ts";
import { answering } from "./_wire.ts";

function placeOf(file: string): string {
  return fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url));
}

function read(file: string): string {
  return readFileSync(placeOf(file), "utf8");
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
  const known = new Set([...Object.keys(settings).map(variableOf), ...Object.values(secretOptions)]);
  for (const file of ["compose.yaml", "stanchion.service"]) {
    const names = read(file).match(/\bSTANCHION_[A-Z_]+/g) ?? [];
    assert.deepEqual(names.filter((name) => !known.has(name)), [], file);
  }
  const { groups } = parse(read("prometheus/alerts.yml"));
  for (const { rules } of groups) {
    for (const { alert, annotations } of rules) {
      for (const each of ["summary", "action"]) assert.match(annotations[each] ?? "", /\.$/, alert);
    }
  }
});

/** As much of a service of compose as is used here. */
interface Service {
  readonly image: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: string };
  readonly stop_grace_period?: string;
}

interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** How long a gateway takes to its end at most, in seconds: what is under way, the second before it, and what goes on behind the answers. */
const mostToEnd = 30 + 1 + 5;

test("deploy/compose.yaml names images, files, volumes, ports and services that are there", () => {
  const { services, volumes }: Composition = parse(read("compose.yaml"), { merge: true });
  const published: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    assert.match(service.image, /^[a-z0-9/-]+:[\w.-]+$/, name);
    for (const volume of service.volumes ?? []) {
      const [, from = "", to = ""] = /^([^:]+):(\/[^:]+)(?::ro)?$/.exec(volume) ?? [];
      assert.ok(from.startsWith("./") ? existsSync(placeOf(from)) : from in volumes, volume);
      assert.notEqual(to, "", volume);
    }
    for (const port of service.ports ?? []) {
      assert.match(port, /^(?:127\.0\.0\.1:)?\d+:\d+$/, name);
      published.push(port.split(":").at(-2) ?? "");
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.ok(services[other], `${name} depends on ${other}`);
      if (condition === "service_healthy") assert.ok(services[other]?.healthcheck, other);
    }
  }
  assert.equal(new Set(published).size, published.length, published.join());

  const prometheus = parse(read("prometheus/prometheus.yml"));
  for (const file of prometheus.rule_files) assert.ok(existsSync(placeOf(`prometheus/${file}`)), file);
  const targets: readonly string[] = prometheus.scrape_configs[0].static_configs[0].targets;
  assert.deepEqual(targets, ["gateway-1:8081", "gateway-2:8081"]);
  const { datasources } = parse(read("grafana/provisioning/datasources/prometheus.yaml"));
  assert.ok(services[new URL(datasources[0].url).hostname]);
  const { providers } = parse(read("grafana/provisioning/dashboards/stanchion.yaml"));
  const [dashboard = ""] = services["grafana"]?.volumes?.filter((each) => each.includes(".json")) ?? [];
  assert.ok(dashboard.includes(`:${providers[0].options.path}/`), dashboard);
});

test("deploy/compose.yaml runs gateways that take their configuration, are one room, and have time to end", () => {
  const { services }: Composition = parse(read("compose.yaml"), { merge: true });
  const gateways = Object.entries(services).filter(([name]) => name.startsWith("gateway"));
  assert.equal(gateways.length, 2);
  for (const [name, { environment = {}, command = "", ports = [], ...service }] of gateways) {
    const config = readConfig(fromEnvironment((variable) => environment[variable]).values);
    assert.ok(services[new URL(config.to).hostname], config.to);
    assert.ok(services[new URL(config.store ?? "").hostname], config.store);
    assert.equal(config.adminHost, "0.0.0.0");
    assert.match(environment["STANCHION_ADMIN_SECRET"] ?? "", /^\$\{STANCHION_ADMIN_SECRET:\?/);
    const [, args = ""] = /^npx --yes --package stanchion --package ioredis stanchion (.*)$/.exec(command) ??
      [];
    assert.equal(parseCommand(args.split(" "), parseArgs).name, "serve");
    for (const port of ports) {
      const isAdmin = port.endsWith(":8081");
      assert.ok(isAdmin || port.endsWith(":8080"), port);
      assert.equal(port.startsWith("127.0.0.1:"), isAdmin, "the board is for this machine alone");
    }
    assert.match(service.healthcheck?.test ?? "", /127\.0\.0\.1:8081\/readyz$/);
    assert.ok(Number.parseInt(service.stop_grace_period ?? "") > mostToEnd, name);
  }
});

test("deploy/stanchion.service starts the command with options that it has, and gives it time to end", () => {
  const unit = read("stanchion.service");
  const [, start = ""] = /^ExecStart=stanchion (.*)$/m.exec(unit) ?? [];
  const command = parseCommand(start.split(" "), parseArgs);
  assert.equal(command.name, "serve");
  assert.match(unit, /^ExecReload=kill -HUP \$MAINPID$/m);
  assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > mostToEnd);
});

const verifier = spawnSync("systemd-analyze", ["--version"]);

test("deploy/stanchion.service is what systemd takes", {
  skip: verifier.status === 0 ? false : "systemd-analyze is not installed",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-unit-"));
  try {
    const copy = join(folder, "stanchion.service");
    // It looks for the program, which is not installed here.
    const unit = read("stanchion.service").replace("ExecStart=stanchion", `ExecStart=${process.execPath}`);
    writeFileSync(copy, unit);
    const { status, stderr, stdout } = spawnSync("systemd-analyze", ["verify", "--man=no", copy], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr + stdout);
    // What it does not know, such as a misspelt option, it tells and takes all the same.
    assert.doesNotMatch(stderr + stdout, /stanchion\.service/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
