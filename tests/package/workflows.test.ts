import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../.github/workflows/", import.meta.url));

/** The parts of a workflow that are looked at. */
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly {
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly run?: string;
  }[];
}

// Of the runtimes, only Bun has a parser of YAML.
const { YAML } =
  (globalThis as object as { readonly Bun?: { readonly YAML: { parse(text: string): unknown } } }).Bun ??
    {};
const skip = YAML === undefined ? "only Bun parses YAML" : false;

function parse(text: string): Workflow {
  // The tests below are what checks the form.
  return YAML?.parse(text) as Workflow;
}

for (const name of ["ci.yml", "release.yml"]) {
  const text = readFileSync(`${folder}${name}`, "utf8");

  describe(name, () => {
    test("pins every action by the full hash of a commit, and names its version", () => {
      const lines = text.split("\n").filter((line) => /\buses:/.test(line));
      assert.ok(lines.length > 0);
      for (const line of lines) {
        assert.match(line, /^\s+- uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    test("grants nothing but reading the sources, before any job", () => {
      assert.match(text, /^permissions:\n {2}contents: read\n\n/m);
      assert.equal(/: write-all|pull_request_target|secrets\./.test(text), false);
      const writes = [...text.matchAll(/^\s+([\w-]+): write$/gm)].map(([, scope]) => scope);
      assert.deepEqual(writes, name === "release.yml" ? ["id-token"] : []);
    });

    test("puts no text of strangers into a shell", () => {
      const expressions = [...text.matchAll(/\$\{\{\s*([^}]+?)\s*\}\}/g)].map(([, expression = ""]) =>
        expression
      );
      assert.deepEqual(expressions.filter((each) => !/^(?:matrix\.\w+|github\.ref)$/.test(each)), []);
    });

    test("is valid, and every job has a time limit and forgets its credentials", { skip }, () => {
      const workflow = parse(text);
      assert.deepEqual(workflow.permissions, { contents: "read" });
      assert.ok(workflow.concurrency.group);
      for (const [job, { steps, ...rest }] of Object.entries(workflow.jobs)) {
        assert.ok((rest["timeout-minutes"] ?? Infinity) <= 60, job);
        const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
        assert.equal(checkout?.with?.["persist-credentials"], false, job);
        for (const step of steps) assert.ok((step.uses === undefined) !== (step.run === undefined), job);
      }
    });
  });
}

test("ci.yml has a job for each runtime, the browser, the checks and JSR", { skip }, () => {
  const { jobs, on } = parse(readFileSync(`${folder}ci.yml`, "utf8"));
  assert.deepEqual(Object.keys(jobs), ["node", "runtime", "browser", "jsr", "check"]);
  assert.deepEqual(jobs["node"]?.strategy?.matrix, { node: ["22", "24"] });
  assert.deepEqual(jobs["runtime"]?.strategy?.matrix, { suite: ["deno", "bun", "workerd"] });
  assert.deepEqual(Object.keys(on), ["push", "pull_request"]);
});

test("release.yml runs on tags alone", { skip }, () => {
  assert.deepEqual(parse(readFileSync(`${folder}release.yml`, "utf8")).on, { push: { tags: ["v*.*.*"] } });
});

test("there are no other workflows", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), ["ci.yml", "release.yml"]);
});
