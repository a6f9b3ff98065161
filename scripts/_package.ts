/** What a published package must be: pure checks on the manifests and on the files of a tarball. */

/** The parts of package.json that are looked at. */
export interface NpmManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly engines: { readonly node: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The parts of deno.json that are looked at. */
export interface JsrManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
}

/** One file of a tarball, as `npm pack --json` lists it. */
export interface PackedFile {
  readonly path: string;
  readonly mode: number;
}

const beside = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "stanchion.config.schema.json"];
const built =
  /^dist\/(?:mod|(?:src|plugins|adapters|browser|gateway|sandbox|cli)\/(?:[a-z0-9-]+\/)*_?[a-z0-9-]+)\.(?:js|js\.map|d\.ts)$/;

/** The npm exports that belong to those of JSR: `./plugins/x.ts` is built to `./dist/plugins/x.js`. */
export function npmExportsOf(jsr: JsrManifest["exports"]): NpmManifest["exports"] {
  return Object.fromEntries(
    Object.entries(jsr).map(([subpath, source]) => {
      const target = source.replace(/^\.\//, "./dist/").replace(/\.ts$/, "");
      return [subpath, { types: `${target}.d.ts`, default: `${target}.js` }];
    }),
  );
}

/** What the files of a tarball have that they must not have, and the other way round. */
export function packFaults(
  manifest: Pick<NpmManifest, "exports" | "bin">,
  packed: readonly PackedFile[],
  sources: readonly string[],
): readonly string[] {
  const paths = new Set(packed.map(({ path }) => path));
  const expected = sources.map((source) => `dist/${source.replace(/\.ts$/, "")}`);
  const targets = [
    ...Object.values(manifest.exports).flatMap((target) => [target.types, target.default]),
    ...Object.values(manifest.bin ?? {}),
  ].map((target) => target.replace(/^\.\//, ""));
  const programs = new Set(Object.values(manifest.bin ?? {}));
  return [
    ...[...paths].filter((path) => !beside.includes(path) && !built.test(path)).map((path) =>
      `${path} is foreign`
    ),
    ...beside.filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...[...paths].filter((path) =>
      built.test(path) && !expected.includes(path.replace(/\.(?:js|js\.map|d\.ts)$/, ""))
    )
      .map((path) => `${path} has no source any more`),
    ...expected.flatMap((name) => [".js", ".js.map", ".d.ts"].map((end) => name + end))
      .filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...targets.filter((path) => !paths.has(path)).map((path) =>
      `${path} is promised by the manifest and missing`
    ),
    ...packed.filter(({ path, mode }) => programs.has(path) && (mode & 0o111) !== 0o111)
      .map(({ path }) => `${path} is not executable`),
  ];
}

/** What is wrong with the text of one built file. */
export function fileFaults(path: string, text: string): readonly string[] {
  const faults: string[] = [];
  const isServer =
    /^dist\/(?:(?:adapters\/node|gateway)\/|(?:sandbox\/(?:serve|main|command|parse-options)|cli\/(?:main|command|arguments|host|machine|network))\.)/
      .test(path);
  if (path.endsWith(".map")) {
    // What tsc writes has this form; everything else is reported below.
    const map = JSON.parse(text) as { sources?: readonly string[]; sourcesContent?: readonly string[] };
    if (map.sources?.length !== 1 || /^(?:\/|file:|[a-z]:)/i.test(map.sources[0] ?? "/")) {
      faults.push(`${path} does not name one source by a relative path`);
    }
    if (map.sourcesContent?.length !== 1) faults.push(`${path} does not carry its source`);
    return faults;
  }
  // Examples may use Node, and sources.
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  if (!isServer && /from "node:|import\("node:|reference types="node"/.test(code)) {
    faults.push(`${path} needs Node`);
  }
  if (path.endsWith(".js")) {
    if (/(?:from|import) "\.{1,2}\/[^"]+\.ts"/.test(code)) faults.push(`${path} imports TypeScript`);
    if (!/\/\/# sourceMappingURL=\S+\.js\.map\s*$/.test(text)) {
      faults.push(`${path} does not name its source map`);
    }
  }
  return faults;
}

/** The command must start with a line that says what runs it. */
export function hasShebang(text: string): boolean {
  return text.startsWith("#!/usr/bin/env node\n");
}
