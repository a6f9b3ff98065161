import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "./_blocks.ts";

/** An exported interface whose members are options: its name, and those of its members. */
interface Options {
  readonly name: string;
  readonly members: readonly string[];
}

function read(file: string): string {
  return readFileSync(`${root}${file}`, "utf8");
}

/** The exported interfaces of a source whose name ends in `Options`, and their own members. */
function optionsOf(source: string): readonly Options[] {
  const blocks = source.matchAll(/^export interface (\w*Options)\b[^{]*\{\n([\s\S]*?)^\}/gm);
  return [...blocks].map(([, name = "", body = ""]) => ({
    name,
    members: [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member = ""]) => member),
  }));
}

/** Tells whether a page names an option as code, alone, as a function, as a member or in an example. */
function names(page: string, member: string): boolean {
  const code = [...page.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([text]) => text);
  return code.some((text) => new RegExp(String.raw`(?<![\w-])${member}(?![\w-])`).test(text));
}

// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { exports } = JSON.parse(read("deno.json")) as { exports: Record<string, string> };

/** The page of each plugin, and the sources that hold its options. */
const pages = readdirSync(`${root}plugins`, { withFileTypes: true })
  // The providers have pages of their own.
  .filter(({ name }) => !["crowdhandler", "queue-it", "waiting-room"].includes(name))
  .map((entry) => {
    const name = entry.name.replace(/\.ts$/, "");
    const place = `plugins/${entry.name}`;
    const sources = entry.isFile()
      ? [place]
      : readdirSync(`${root}${place}`).filter((file) => file.endsWith(".ts")).map((file) =>
        `${place}/${file}`
      );
    return {
      subpath: exports[`./${name}`] === undefined ? "." : `./${name}`,
      page: `docs/plugins/${name}.md`,
      sources,
    };
  });
const others = [
  {
    subpath: "./hono",
    page: "docs/plugins/hono.md",
    sources: ["adapters/hono/hono-gate.ts", "adapters/hono/from-hono.ts"],
  },
  { subpath: "./node", page: "docs/plugins/node.md", sources: ["adapters/node/gate-upgrade.ts"] },
  {
    subpath: "./waiting-room",
    page: "docs/waiting-room.md",
    sources: ["plugins/waiting-room/options.ts", "plugins/waiting-room/stores/memory.ts"],
  },
  {
    subpath: "./waiting-room/board",
    page: "docs/board.md",
    sources: ["plugins/waiting-room/board/options.ts"],
  },
  {
    subpath: "./waiting-room/webhooks",
    page: "docs/webhooks.md",
    sources: ["plugins/waiting-room/webhooks/options.ts"],
  },
  {
    subpath: "./waiting-room/redis",
    page: "docs/waiting-room-redis.md",
    sources: ["plugins/waiting-room/stores/redis/redis-store.ts"],
  },
  { subpath: "./browser", page: "docs/plugins/browser.md", sources: ["browser/mod.ts"] },
  { subpath: "./crowdhandler", page: "docs/crowdhandler.md", sources: ["plugins/crowdhandler/options.ts"] },
  {
    subpath: "./queue-it",
    page: "docs/queue-it.md",
    sources: [
      "options",
      "services",
      "application-sessions",
      "sources/pulled-source",
      "sources/file-source",
      "sources/integration-source",
      "sources/push-endpoint",
      "queue-tokens",
    ].map((name) => `plugins/queue-it/${name}.ts`),
  },
  {
    subpath: "./sandbox",
    page: "docs/sandbox.md",
    sources: ["sandbox/options.ts", "sandbox/queue-it/options.ts"],
  },
];
/** Options of the cookies, which two plugins take over. */
const cookies = ["cookie-tokens", "storage-tokens"];

describe("the pages of the documentation", () => {
  test("are about plugins of the package itself and of subpaths", () => {
    const ofRoot = pages.filter(({ subpath }) => subpath === ".");
    assert.deepEqual([ofRoot.length > 5, pages.length - ofRoot.length > 5], [true, true]);
  });

  test("are about plugins that exist", () => {
    const known = new Set([...pages, ...others].map(({ page }) => page));
    const found = readdirSync(`${root}docs/plugins`).map((file) => `docs/plugins/${file}`);
    assert.deepEqual(found.filter((page) => !known.has(page)), []);
  });

  for (const { subpath, page, sources } of [...pages, ...others]) {
    test(`${page} is there, and names every option of its plugin, from ${subpath}`, () => {
      assert.ok(exports[subpath] !== undefined, `there is no ${subpath}`);
      assert.ok(existsSync(`${root}${page}`), `${page} is missing`);
      const text = read(page);
      const missing = sources.flatMap((source) => optionsOf(read(source)))
        .flatMap(({ name, members }) =>
          members.filter((each) => !names(text, each)).map((each) => `${name}.${each}`)
        );
      assert.deepEqual(missing, []);
    });
  }

  test("name every option of the cookies", () => {
    const [found] = optionsOf(read("src/cookie-options.ts")).filter(({ name }) => name === "CookieOptions");
    assert.ok(found !== undefined && found.members.length > 4);
    for (const plugin of cookies) {
      const text = read(`docs/plugins/${plugin}.md`);
      assert.deepEqual(found.members.filter((each) => !names(text, each)), [], plugin);
    }
  });

  test("name every option of the services, the secrets and the causes of failures", () => {
    const text = read("docs/queue-it.md");
    const source = read("plugins/queue-it/options.ts");
    for (const name of ["QueueItSecrets", "QueueItCommon"]) {
      const renamed = source.replace(`export interface ${name}`, "export interface ItsOptions");
      const found = optionsOf(renamed).find((each) => each.name === "ItsOptions");
      assert.ok(found !== undefined && found.members.length > 5, name);
      assert.deepEqual(found.members.filter((each) => !names(text, each)), [], name);
    }
    const codes = [...read("src/errors.ts").matchAll(/^ \* \| `(\w+)` \|/gm)].map(([, code = ""]) => code);
    assert.equal(codes.length, 8);
    assert.deepEqual(codes.filter((each) => !names(read("docs/plugins/failure-policy.md"), each)), []);
  });
});

test("optionsOf() finds the members of exported options, and no others", () => {
  const source =
    "export interface AOptions extends B {\n  /** A. */\n  readonly a?: {\n    readonly b: 1;\n  };\n" +
    "  readonly c: string;\n}\ninterface DOptions {\n  readonly d: 1;\n}\n";
  assert.deepEqual(optionsOf(source), [{ name: "AOptions", members: ["a", "c"] }]);
});

test("names() looks for whole words in code", () => {
  const page = "secure\n\n| `path` | `test(ctx)` |\n\n```ts\nf({ domain });\n```\n";
  for (const member of ["path", "test", "domain"]) assert.ok(names(page, member), member);
  for (const member of ["secure", "pat", "main"]) assert.ok(!names(page, member), member);
});

test("docs/architecture.md names files and folders that exist, every floor's room and the whole contract", () => {
  const page = read("docs/architecture.md");
  const named = [...page.matchAll(/`((?:src|plugins|tests)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  assert.ok(named.length > 50, `${named.length} paths`);
  assert.deepEqual(named.filter((path) => !existsSync(`${root}${path}`)), []);
  const inSrc = readdirSync(`${root}src`, { withFileTypes: true })
    .map((entry) => entry.isFile() ? `src/${entry.name}` : `src/${entry.name}/`);
  assert.deepEqual(inSrc.filter((path) => !named.includes(path)), []);
});
