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
  const imports = [...withoutComments.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? pathOf(resolve(dirname(file), name)) : name
  );
  return { path: pathOf(file), part, text, code, imports };
}

function pathOf(file: string): string {
  return relative(root, file).replaceAll("\\", "/");
}

const mod = read(join(root, "mod.ts"), "mod.ts");
const library = ["src", "plugins", "adapters", "browser", "sandbox", "cli"].flatMap(sourcesIn);
const all = [...library, ...["examples", "tests", "bench"].flatMap(sourcesIn)];

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
  browser: ["browser"],
  sandbox: ["src", "plugins", "sandbox"],
  cli: ["src", "plugins", "cli"],
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

test("all imports of files exist and end in .ts", () => {
  const missing = all.flatMap(({ path, imports }) =>
    imports.filter((name) =>
      !name.startsWith("..") && /^(?:src|plugins|sandbox|examples|tests|bench)\//.test(name)
    )
      .filter((name) => !/\.(?:ts|json)$/.test(name) || !existsSync(join(root, name)))
      .map((name) => `${path} imports ${name}`)
  );
  assert.deepEqual(missing, []);
});

/** The packages that each part may use; `node:` modules are for the sandbox's server and the commands alone. */
const packages: readonly [path: RegExp, names: RegExp][] = [
  [/^src\/http\/cookies\.ts$/, /^hono\/utils\/cookie$/],
  [/^src\/triggers\//, /^valibot$/],
  [/^src\/crypto\/(?:hmac|signer)\.ts$/, /^@noble\/hashes\/.+$/],
  [/^src\/url\/ip-address\.ts$/, /^ipaddr\.js$/],
  [/^src\//, /^(?!)/],
  [/^adapters\//, /^hono$/],
  [/^browser\//, /^(?!)/],
  [/^plugins\/open-telemetry\//, /^@opentelemetry\/api$/],
  [/^plugins\//, /^(?:hono(?:\/.+)?|valibot|@noble\/hashes\/.+|ipaddr\.js)$/],
  [
    /^sandbox\/(?:serve|main|command|parse-options)\.ts$/,
    /^(?:node:.+|@hono\/node-server|hono(?:\/.+)?|valibot)$/,
  ],
  [/^cli\/(?:main|command|run)\.ts$/, /^node:.+$/],
  [/^cli\//, /^(?!)/],
  [/^sandbox\//, /^(?:hono(?:\/.+)?|valibot|ipaddr\.js|@noble\/hashes\/.+)$/],
];

test("src needs no package but the cookie utilities, and only the sandbox's server and the commands know Node", () => {
  const wrong = library.flatMap(({ path, imports }) => {
    const allowed = packages.find(([place]) => place.test(path))?.[1];
    return imports.filter((name) => !existsSync(join(root, name)) && !allowed?.test(name))
      .map((name) => `${path} imports ${name}`);
  });
  assert.deepEqual(wrong, []);
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

test("classes are internal, but for errors", () => {
  const open = library.filter(({ path }) => !/\/_[^/]*$/.test(path));
  assert.deepEqual(offences(open, /^export (?:abstract )?class (?!\w*Error\b)\w+/m, code), []);
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

test("files are named in kebab-case", () => {
  const odd = library.map(({ path }) => path).filter((path) =>
    !/^(?:[a-z0-9-]+\/)*_?[a-z0-9-]+\.ts$/.test(path)
  );
  assert.deepEqual(odd, []);
});
