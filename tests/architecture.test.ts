import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  /** Its path from the root, with slashes. */
  readonly path: string;
  /** Its first folder. */
  readonly part: string;
  readonly text: string;
  /** The text without comments and what stands in quotes. */
  readonly code: string;
  /** What it imports: other files by their path from the root, packages by their name. */
  readonly imports: readonly string[];
}

function sourcesIn(part: string): readonly Source[] {
  const folder = join(root, part);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => read(join(folder, name), part));
}

function read(file: string, part: string): Source {
  const text = readFileSync(file, "utf8");
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, "");
  const code = withoutComments.replaceAll(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g,
    '""',
  );
  const imports = [...withoutComments.matchAll(importing)].map(([, ...names]) => names.join(""))
    .map((name) => name.startsWith(".") ? pathOf(resolve(dirname(file), name)) : name);
  return { path: pathOf(file), part, text, code, imports };
}

/** Statements begin a line, or end a list that does; what stands in a text of a test imports nothing. */
const importing =
  /^(?:import|export|\})(?:[^"\n]*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"|\bimport\(new URL\("([^"]+)"/gm;

function pathOf(file: string): string {
  return relative(root, file).replaceAll("\\", "/");
}

const mod = read(join(root, "mod.ts"), "mod.ts");
const library = ["src", "plugins", "adapters", "browser", "sandbox", "gateway", "cli"].flatMap(sourcesIn);
const examples = sourcesIn("examples");
const all = [...library, ...examples, ...["tests", "bench"].flatMap(sourcesIn)];
const byPath = new Map([mod, ...library, ...examples].map((source) => [source.path, source]));
// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as {
  exports: Readonly<Record<string, string>>;
};
const entryPoints = new Set(Object.values(exports).map((file) => file.slice("./".length)));

/** The offences against a rule, as a list that must be empty. */
function offences(
  sources: readonly Source[],
  rule: RegExp,
  of: (source: Source) => string,
): readonly string[] {
  return sources.flatMap((source) => {
    const found = rule.exec(of(source));
    return found === null ? [] : [`${source.path}: ${found[0].trim()}`];
  });
}

const code = (source: Source) => source.code;

/** Where each part of the library may import from. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  src: ["src"],
  plugins: ["src", "plugins"],
  adapters: ["src", "plugins", "adapters"],
  browser: ["src", "browser"],
  sandbox: ["src", "plugins", "sandbox"],
  gateway: ["src", "plugins", "adapters", "gateway"],
  cli: ["src", "plugins", "gateway", "cli"],
  examples: ["mod.ts", "src", "plugins", "adapters", "browser", "sandbox", "examples"],
};

test("the tests of the architecture see the sources", () => {
  assert.ok(library.length > 30);
  assert.ok(mod.imports.includes("src/gate.ts"));
});

test("dependencies point one way: src knows no plugin, plugins no sandbox, nobody the tests", () => {
  const wrong = all.flatMap(({ path, part, imports }) =>
    imports.filter((name) => {
      const allowed = mayImport[part];
      const isFile = existsSync(join(root, name)) && name.includes(".ts");
      return allowed !== undefined && isFile &&
        !allowed.some((each) => name === each || name.startsWith(`${each}/`));
    }).map((name) => `${path} imports ${name}`)
  );
  assert.deepEqual(wrong, []);
});

/** The plugin that a file belongs to: its folder, or the file itself. */
function pluginOf(path: string): string | undefined {
  return /^plugins\/([^/.]+)/.exec(path)?.[1];
}

test("no plugin imports a plugin: what two of them need stands in src", () => {
  const wrong = library.flatMap(({ path, imports }) => {
    const own = pluginOf(path);
    if (own === undefined) return [];
    return imports.filter((name) => ![undefined, own].includes(pluginOf(name)))
      .map((name) => `${path} imports ${name}`);
  });
  assert.deepEqual(wrong, []);
});

/** Besides the faces: the server of the sandbox, which runs on Node alone. */
const furtherFaces = new Set(["sandbox/serve.ts"]);

/** The folders with a face through which an import reaches past it. The nearest folder counts: it may have a face of its own. */
function passedFace(path: string, name: string): string | undefined {
  const isFace = name.endsWith("/mod.ts") || entryPoints.has(name) || furtherFaces.has(name);
  if (isFace) return undefined;
  for (let folder = dirname(name); folder !== "."; folder = dirname(folder)) {
    const face = `${folder}/mod.ts`;
    if (byPath.has(face) && !path.startsWith(`${folder}/`)) return face;
  }
  return undefined;
}

test("a folder with a mod.ts is entered by it, but by tests", () => {
  const wrong = [...byPath.values()].flatMap(({ path, imports }) =>
    imports.filter((name) => byPath.has(name)).flatMap((name) => {
      const face = passedFace(path, name);
      return face === undefined ? [] : [`${path} imports ${name} past ${face}`];
    })
  );
  assert.deepEqual(wrong, []);
});

/** Sets of files that import each other, by the algorithm of Tarjan. */
function circles(): readonly string[] {
  const found: string[] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];

  function visit(name: string): number {
    const number = order.size;
    order.set(name, number);
    lowest.set(name, number);
    path.push(name);
    const imports = byPath.get(name)?.imports ?? [];
    for (const each of imports.filter((file) => byPath.has(file))) {
      const reached = order.has(each) ? (path.includes(each) ? order.get(each) : undefined) : visit(each);
      lowest.set(name, Math.min(lowest.get(name) ?? number, reached ?? number));
    }
    if (lowest.get(name) === number) {
      const files = path.splice(path.indexOf(name));
      if (files.length > 1 || imports.includes(name)) found.push(files.join(" - "));
    }
    return lowest.get(name) ?? number;
  }

  for (const name of byPath.keys()) if (!order.has(name)) visit(name);
  return found;
}

test("no files import each other in a circle, types included", () => {
  assert.deepEqual(circles(), []);
});

test("what stands directly in src is the contract, which mod.ts offers, and what is in its folders is not", () => {
  const offered = mod.imports.filter((name) => name.startsWith("src/")).sort();
  // The types of the others once more, for the other entry points.
  const contract = library.map(({ path }) => path)
    .filter((path) => /^src\/[^/]+$/.test(path) && path !== "src/contract.ts").sort();
  assert.deepEqual(contract, offered);
});

test("all imports of files exist and end in .ts", () => {
  const missing = all.flatMap(({ path, imports }) =>
    imports.filter((name) =>
      /^(?:src|plugins|adapters|browser|cli|sandbox|examples|tests|bench)\//.test(name)
    )
      .filter((name) => !/\.(?:ts|json)$/.test(name) || !existsSync(join(root, name)))
      .map((name) => `${path} imports ${name}`)
  );
  assert.deepEqual(missing, []);
});

/** The packages that each part may use; `node:` modules are for the sandbox's server and the commands alone. */
const packages: readonly [path: RegExp, names: RegExp][] = [
  [/^src\/triggers\//, /^valibot$/],
  [/^src\/crypto\/(?:bearer|hmac|signer)\.ts$/, /^@noble\/hashes\/.+$/],
  [/^src\//, /^(?!)/],
  [/^adapters\/node\//, /^node:(?:buffer|events|http2?|stream)$/],
  [/^adapters\//, /^hono$/],
  [/^browser\//, /^(?!)/],
  [/^plugins\/open-telemetry\//, /^@opentelemetry\/api$/],
  [/^plugins\/waiting-room\/page\/carry\/qr-code\.ts$/, /^lean-qr$/],
  [/^plugins\//, /^(?:valibot|@noble\/hashes\/.+)$/],
  [
    /^sandbox\/(?:serve|main|command|parse-options)\.ts$/,
    /^(?:node:.+|@hono\/node-server|hono(?:\/.+)?|valibot)$/,
  ],
  [/^gateway\//, /^(?:node:.+|valibot|ioredis)$/],
  [/^cli\/(?:main|command|arguments|host|machine|network)\.ts$/, /^node:.+$/],
  [/^cli\//, /^(?!)/],
  [/^sandbox\//, /^(?:hono(?:\/.+)?|valibot|@noble\/hashes\/.+)$/],
];

test("only adapters and the sandbox know Hono, and only the sandbox's server and the commands know Node", () => {
  const wrong = library.flatMap(({ path, imports }) => {
    const allowed = packages.find(([place]) => place.test(path))?.[1];
    return imports.filter((name) => !existsSync(join(root, name)) && !allowed?.test(name))
      .map((name) => `${path} imports ${name}`);
  });
  assert.deepEqual(wrong, []);
});

test("nothing is used that Node 20 lacks", () => {
  const newer =
    /.*(?:\bPromise\.(?:withResolvers|try)|\bURL\.parse|\bArray\.fromAsync|\b(?:Object|Map)\.groupBy)\b.*/;
  assert.deepEqual(offences(library, newer, code), []);
});

test("random cases come by way of the module that knows SEED", () => {
  const direct = all.filter(({ imports }) => imports.includes("fast-check")).map(({ path }) => path);
  assert.deepEqual(direct, ["tests/support/random-cases.ts"]);
});

test("mod.ts only re-exports", () => {
  assert.equal(mod.code.replaceAll(/export (?:type )?(?:\*|\{[^}]*\}) from "";/g, "").trim(), "");
});

test("nothing is exported by default", () => {
  assert.deepEqual(offences(library, /export default|export \{[^}]*\bas default\b/, code), []);
});

test("nothing is of type any", () => {
  assert.deepEqual(offences(library, /(?::|<|\bas|\||=>)\s*any\b(?:\[\]|[\s,;>)|&=]*$|[,;>)|&])/m, code), []);
  assert.deepEqual(
    offences(library, /@ts-(?:ignore|nocheck|expect-error)|deno-lint-ignore-file/, ({ text }) => text),
    [],
  );
});

test("no module keeps state in a variable", () => {
  assert.deepEqual(offences(library, /^(?:export )?(?:let|var)\b.*/m, code), []);
});

test("clock, randomness and fetch are options: they are named as a default, never called", () => {
  assert.deepEqual(offences(library, /.*(?:\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)).*/, code), []);
  const calling = offences(library, /.*(?<![.\w])fetch\(.*/, code)
    .filter((offence) => !/\basync fetch\(|^\S+:\s+fetch\(request: /.test(offence))
    .filter((offence) => {
      const source = library.find(({ path }) => offence.startsWith(`${path}:`));
      return !/\bfetch\b\s*(?:=|,|\}|:)/.test(source?.code ?? "");
    });
  assert.deepEqual(calling, []);
});

test("the environment is injected, never sniffed", () => {
  const sources = library.filter(({ path }) => !/^(?:sandbox\/(?:serve|main)|cli\/main)\.ts$/.test(path));
  assert.deepEqual(
    offences(sources, /.*(?:\bDeno\.|\bBun\.|\bprocess\.|\bnavigator\b|typeof window).*/, code),
    [],
  );
});

test("no entry point offers a class, but for errors", async () => {
  for (const file of entryPoints) {
    const offered = Object.entries(await import(new URL(`../${file}`, import.meta.url).href));
    const open = offered.filter(([, value]) => /^class\b/.test(String(value)))
      .filter(([name]) => !name.endsWith("Error"));
    assert.deepEqual(open, [], file);
  }
});

/** What makes an object with accessors, and that for a gate, a room, a store or a process. */
const madeOnce =
  /^(?:gateway\/origin-watch|gateway\/proxy\/listener|plugins\/waiting-room\/(?:node|controls|simulation|webhooks|stores|machine)\/[a-z-]+|plugins\/crowdhandler\/modes\/control)\.ts$/;

test("what is made for a request has no accessors but those of its class", () => {
  // Engines make a hidden class for each object with accessors of its own, which keeps all that these know until the old part of the heap is
  // collected: every request, and its answer.
  const served = library.filter(({ path, part }) => part !== "sandbox" && !madeOnce.test(path));
  const places = served.flatMap(({ path, text }) => {
    const lines = text.split("\n");
    const depthOf = (line: string) => line.length - line.trimStart().length;
    return lines.flatMap((line, at) => {
      if (!/^\s+(?:get|set) [\w#]+\(/.test(line)) return [];
      const around = lines.slice(0, at).findLast((one) =>
        one.trim() !== "" && !/^\s*(?:\/\*\*|\*|\/\/)/.test(one) && depthOf(one) < depthOf(line)
      ) ?? "";
      return /^\s*(?:export )?(?:abstract )?(?:class|interface) |\bclass extends\b/.test(around)
        ? []
        : [`${path}:${at + 1}`];
    });
  });
  assert.deepEqual(places, []);
});

test("types are erasable", () => {
  assert.deepEqual(
    offences(library, /^\s*(?:export )?(?:declare )?(?:const )?(?:enum|namespace) \w+/m, code),
    [],
  );
});

test("no file of the library has more than 300 lines", () => {
  const long = library.map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > 300);
  assert.deepEqual(long, []);
});

/** Functions that are longer than 80 lines, from before there was a rule. The list only gets shorter. */
const longFunctions: Readonly<Record<string, number>> = {
  "sandbox/create-sandbox.ts createSandbox": 90,
  "sandbox/hall.ts createHall": 109,
  "sandbox/crowdhandler/api.ts createApi": 89,
  "sandbox/crowdhandler/check.ts createChecker": 86,
  "sandbox/crowdhandler/waiting-page.ts createWaitingPages": 105,
  "sandbox/queue-it/desk.ts createDesk": 83,
  "sandbox/queue-it/queue-page.ts createQueuePage": 134,
};

const parserSkip = "Deno" in globalThis || "Bun" in globalThis ? "it says the same on Node" : false;

test("no function has more than 80 lines, and no long one grows", { skip: parserSkip }, async () => {
  const { parse } = await import("@babel/parser");
  const lengths = new Map<string, number>();

  function look(node: unknown, path: string, outer: string): void {
    if (Array.isArray(node)) return node.forEach((each) => look(each, path, outer));
    if (typeof node !== "object" || node === null) return;
    // Nodes of a syntax tree are looked at as what they are: plain objects with further ones in them.
    const { type, id, key, loc, ...others } = node as Readonly<Record<string, unknown>>;
    const name = nameOf(id) ?? nameOf(key) ?? outer;
    if (typeof type === "string" && /Function|Method/.test(type)) {
      const { start, end } = loc as { readonly start: { line: number }; readonly end: { line: number } };
      const lines = end.line - start.line + 1;
      if (lines > 80) lengths.set(`${path} ${name}`, lines);
    }
    for (const each of Object.values(others)) look(each, path, name);
  }

  for (const { path, text } of [...library, ...examples]) {
    look(parse(text, { sourceType: "module", plugins: ["typescript"] }).program, path, "");
  }
  for (const [name, lines] of lengths) {
    assert.ok(lines <= (longFunctions[name] ?? 80), `${name}: ${lines} lines`);
  }
  const outdated = Object.keys(longFunctions).filter((name) => lengths.get(name) !== longFunctions[name]);
  assert.deepEqual(outdated, [], "shorter now: lower their bounds, or take them off the list");
});

/** The name of an identifier in a syntax tree. */
function nameOf(node: unknown): string | undefined {
  const isNamed = typeof node === "object" && node !== null && "name" in node;
  return isNamed && typeof node.name === "string" ? node.name : undefined;
}

test("files are named in kebab-case, and none is marked as private: that is what folders are for", () => {
  const odd = library.map(({ path }) => path).filter((path) =>
    !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(path)
  );
  assert.deepEqual(odd, []);
});
