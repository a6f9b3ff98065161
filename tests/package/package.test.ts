import assert from "node:assert/strict";
import { test } from "node:test";
import { fileFaults, hasShebang, packFaults } from "../../scripts/_package.ts";

const manifest = {
  exports: { ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" } },
  bin: { run: "dist/sandbox/main.js" },
};
// Put together here, so that nobody takes them for imports of this file.
const built = ["export * from", '"./a.js";'].join(" ");
const unbuilt = ["export * from", '"./a.ts";'].join(" ");
const sources = ["mod.ts", "sandbox/main.ts"];
const complete = [
  ...[
    "package.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "stanchion.config.schema.json",
    "dist/mod.js",
    "dist/mod.js.map",
    "dist/mod.d.ts",
  ],
  ...["dist/sandbox/main.js", "dist/sandbox/main.js.map", "dist/sandbox/main.d.ts"],
].map((path) => ({ path, mode: path === "dist/sandbox/main.js" ? 0o755 : 0o644 }));

test("packFaults() finds nothing in a package that is as it should be", () => {
  assert.deepEqual(packFaults(manifest, complete, sources), []);
});

for (
  const [what, files, fault] of [
    ["a test", [...complete, { path: "tests/x.test.ts", mode: 0o644 }], /^tests\/x\.test\.ts is foreign/],
    ["a source", [...complete, { path: "dist/mod.ts", mode: 0o644 }], /^dist\/mod\.ts is foreign/],
    ["a file of yesterday", [...complete, { path: "dist/old.js", mode: 0o644 }], /^dist\/old\.js is foreign/],
    [
      "a module of yesterday",
      [...complete, { path: "dist/src/old.js", mode: 0o644 }],
      /has no source any more/,
    ],
    ["no licence", complete.filter(({ path }) => path !== "LICENSE"), /^LICENSE is missing/],
    [
      "no source map",
      complete.filter(({ path }) => path !== "dist/mod.js.map"),
      /^dist\/mod\.js\.map is missing/,
    ],
    ["no types", complete.filter(({ path }) => path !== "dist/mod.d.ts"), /promised by the manifest/],
    [
      "a command that cannot run",
      complete.map(({ path }) => ({ path, mode: 0o644 })),
      /main\.js is not executable/,
    ],
  ] as const
) {
  test(`packFaults() finds ${what}`, () => {
    assert.match(packFaults(manifest, files, sources).join("\n"), new RegExp(fault.source, "m"));
  });
}

test("fileFaults() accepts what tsc writes", () => {
  assert.deepEqual(fileFaults("dist/mod.js", `${built}\n//# sourceMappingURL=mod.js.map`), []);
  assert.deepEqual(fileFaults("dist/sandbox/serve.d.ts", 'import type { Server } from "node:http";'), []);
  const example = '/** import { a } from "node:fs"; */\nexport declare const x: 1;';
  assert.deepEqual(fileFaults("dist/plugins/x.d.ts", example), []);
  const map = JSON.stringify({ sources: ["../mod.ts"], sourcesContent: ["export {};"] });
  assert.deepEqual(fileFaults("dist/mod.js.map", map), []);
});

for (
  const [path, text, fault] of [
    ["dist/plugins/x.js", `${unbuilt}\n//# sourceMappingURL=x.js.map`, /imports TypeScript/],
    ["dist/plugins/x.js", "export {};", /does not name its source map/],
    ["dist/plugins/x.js", 'import { a } from "node:fs";\n//# sourceMappingURL=x.js.map', /needs Node/],
    ["dist/src/x.d.ts", '/// <reference types="node" />', /needs Node/],
    ["dist/mod.js.map", JSON.stringify({ sources: ["../mod.ts"] }), /does not carry its source/],
    ["dist/mod.js.map", JSON.stringify({ sources: ["/home/mod.ts"], sourcesContent: [""] }), /relative path/],
    ["dist/mod.js.map", JSON.stringify({ sources: [], sourcesContent: [""] }), /relative path/],
  ] as const
) {
  test(`fileFaults() finds that ${path} ${fault.source.replaceAll("\\", "")}`, () => {
    assert.match(fileFaults(path, text).join("\n"), fault);
  });
}

test("hasShebang() wants the first line to name Node", () => {
  assert.ok(hasShebang("#!/usr/bin/env node\nrun();"));
  assert.ok(!hasShebang("run();"));
});
