import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type JsrManifest, npmExportsOf, type NpmManifest } from "../../scripts/_package.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Npm extends NpmManifest {
  readonly name: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  readonly sideEffects: boolean;
  readonly files: readonly string[];
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

interface Jsr extends JsrManifest {
  readonly name: string;
  readonly license: string;
  readonly publish: { readonly include: readonly string[] };
}

// The manifests are ours, and the tests below are what checks their form.
const npm = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Npm;
const jsr = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as Jsr;
const readme = readFileSync(`${root}README.md`, "utf8");

/** The plugins by their name: files, and folders with a mod.ts. */
const plugins: ReadonlyMap<string, string> = new Map(
  readdirSync(`${root}plugins`, { withFileTypes: true }).filter(({ name }) => !name.startsWith("_")).flatMap(
    (entry) => {
      if (entry.isFile()) return [[entry.name.replace(/\.ts$/, ""), `./plugins/${entry.name}`] as const];
      const mod = `./plugins/${entry.name}/mod.ts`;
      return existsSync(`${root}${mod}`) ? [[entry.name, mod] as const] : [];
    },
  ),
);

describe("package.json and deno.json", () => {
  test("offer the same subpaths, in the same order, from files that exist", () => {
    assert.deepEqual(npm.exports, npmExportsOf(jsr.exports));
    assert.deepEqual(Object.keys(npm.exports), Object.keys(jsr.exports));
    assert.deepEqual(Object.values(jsr.exports).filter((file) => !existsSync(`${root}${file}`)), []);
    const [first, ...others] = Object.keys(jsr.exports);
    assert.equal(first, ".");
    assert.deepEqual(others, others.toSorted());
  });

  test("have the same version and licence", () => {
    assert.equal(npm.version, jsr.version);
    assert.match(npm.version, /^\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?$/);
    assert.equal(npm.license, jsr.license);
    assert.match(readFileSync(`${root}CHANGELOG.md`, "utf8"), new RegExp(`^## ${npm.version} `, "m"));
  });

  test("need the same packages in the same versions", () => {
    const imports = Object.entries(jsr.imports ?? {}).filter(([name]) => !name.startsWith("@std/"));
    assert.deepEqual(
      Object.fromEntries(imports.map(([name, target]) => [name, target.replace(`npm:${name}@`, "")])),
      { ...npm.dependencies, ...npm.peerDependencies },
    );
  });

  test("leave it to the project whether there are OpenTelemetry, Hono and a client of Redis", () => {
    const optional = ["@hono/node-server", "@opentelemetry/api", "hono", "ioredis"];
    assert.deepEqual(Object.keys(npm.peerDependencies), optional);
    assert.deepEqual(
      npm.peerDependenciesMeta,
      Object.fromEntries(optional.map((name) => [name, { optional: true }])),
    );
    assert.deepEqual(Object.keys(npm.dependencies ?? {}), ["@noble/hashes", "lean-qr", "valibot"]);
  });

  test("describe an ES module without side effects that ships its sources or what is built of them", () => {
    assert.equal(npm.type, "module");
    assert.equal(npm.sideEffects, false);
    // JSR shows at most 250 characters, npm's search fewer.
    assert.match(npm.description, /^A virtual waiting room .{20,150}[^.]$/);
    assert.deepEqual(npm.files, ["dist", "CHANGELOG.md", "stanchion.config.schema.json"]);
    for (
      const file of [
        "mod.ts",
        "src",
        "plugins",
        "adapters",
        "browser",
        "sandbox",
        "cli",
        "README.md",
        "LICENSE",
      ]
    ) {
      assert.ok(jsr.publish.include.includes(file), file);
    }
    assert.deepEqual(npm.bin, { stanchion: "dist/cli/main.js", "stanchion-sandbox": "dist/sandbox/main.js" });
  });
});

test("npmExportsOf() names what tsc builds of a source", () => {
  assert.deepEqual(npmExportsOf({ ".": "./mod.ts", "./x": "./plugins/x/mod.ts" }), {
    ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" },
    "./x": { types: "./dist/plugins/x/mod.d.ts", default: "./dist/plugins/x/mod.js" },
  });
});

/** What the package itself offers, file by file. */
const core = readFileSync(`${root}mod.ts`, "utf8");

describe("each plugin", () => {
  for (const [name, source] of plugins) {
    const isOfRoot = core.includes(`export * from "${source}";`);
    test(`${name} is offered once: by ${isOfRoot ? "the package itself" : "a subpath of its name"}`, () => {
      assert.equal(jsr.exports[`./${name}`], isOfRoot ? undefined : source);
    });

    test(`${name} has a line in a table of the README that says where it is from`, () => {
      const factory = new RegExp(`\`${name.replaceAll("-", "")}\\(\\)\``, "i");
      const rows = readme.split("\n").filter((line) => line.startsWith("|") && factory.test(line));
      assert.equal(rows.length, 1);
      const [, subpath] = /`stanchion\/([\w-]+)`/.exec(rows[0] ?? "") ?? [];
      assert.equal(subpath, isOfRoot ? undefined : name);
    });
  }
});

test("nothing is offered but the core, the plugins and the modules named here", () => {
  const others = Object.keys(jsr.exports).filter((subpath) => !plugins.has(subpath.slice(2)));
  const ofRooms = ["board", "deno-kv", "durable-object", "redis", "testing", "webhooks"].map((name) =>
    `./waiting-room/${name}`
  );
  const ofFrameworks = ["hono", "next", "node", "react-router"].map((name) => `./${name}`);
  assert.deepEqual(others, [".", "./browser", ...ofFrameworks, "./sandbox", "./sveltekit", ...ofRooms]);
});
