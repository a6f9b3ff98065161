import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseArgs } from "node:util";
import { parseCommand } from "../../cli/command.ts";
import { readConfig } from "../../gateway/read-config.ts";
import { parseCommand as parseSandbox } from "../../sandbox/command.ts";
import { allSecrets, built } from "../gateway/_built.ts";
import { root } from "./_blocks.ts";

/** A command of ours, as a page has it. */
interface Shown {
  /** Its file and line, from the root. */
  readonly where: string;
  readonly words: readonly string[];
}

/** The commands of the blocks of a page: what begins with `npx`, `npm`, or the name of one of ours, without remarks and what follows it. */
function commandsOf(file: string, text: string): readonly Shown[] {
  return [...text.matchAll(/^```(?:sh|bash)\n([\s\S]*?)^```$/gm)].flatMap(
    ({ 1: body = "", index }) => {
      const first = text.slice(0, index).split("\n").length + 1;
      const lines = body.split("\n");
      return lines.flatMap((line, at) => {
        if (lines[at - 1]?.endsWith("\\")) return [];
        const rest = lines.slice(at);
        const end = rest.findIndex((each) => !each.endsWith("\\"));
        const whole = [line, ...rest.slice(1, end + 1)].join(" ").replaceAll(
          /\\ +/g,
          "",
        );
        const words = wordsOf(whole);
        const begin = words.findIndex((word) => /^(?:npx|npm|stanchion(?:-sandbox)?)$/.test(word));
        return begin < 0 ? [] : [{ where: `${file}:${first + at}`, words: words.slice(begin) }];
      });
    },
  );
}

/** The words of a command up to its end, by the quotes of the shell. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:#|\||&&?$|>|;)/.test(word)) break;
    words.push(
      word.replaceAll(
        /'([^']*)'|"([^"]*)"/g,
        (_, single, double) => single ?? double,
      ),
    );
  }
  return words;
}

function read(file: string): string {
  return readFileSync(`${root}${file}`, "utf8");
}

// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { scripts } = JSON.parse(read("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The file of each command of `scripts/run.mjs`. */
const programs = new Map(
  [
    ...read("scripts/run.mjs").matchAll(
      /^ {2}"?([\w:-]+)"?: "([\w/-]+\.ts)",$/gm,
    ),
  ].map(([, name = "", file = ""]) => [
    name,
    // The demo's options are beside it.
    name === "start" ? "examples/demo/options.ts" : file,
  ]),
);

/** What is wrong with a command; nothing where it is none of ours. */
function wrongWith(words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words[0] === "npx" ? words.slice(1) : words;
  if (program === "npm") return wrongWithScript(rest);
  try {
    if (program === "stanchion") tryStanchion(rest);
    else if (program === "stanchion-sandbox") {
      parseSandbox(rest, () => "{}", parseArgs);
    }
  } catch (error) {
    return String(error);
  }
  return undefined;
}

/** Takes a command apart, and makes the gate of a gateway without a file: what each option says alone may be refused beside another one. */
function tryStanchion(words: readonly string[]): void {
  const command = parseCommand(words, parseArgs);
  if (command.name !== "serve" || command.config !== undefined) return;
  const { values } = command.given;
  // Nobody listens there: no test asks a service.
  const nowhere = values["provider"] === "queue-it" ? { apiUrl: "http://127.0.0.1:1" } : {};
  built(readConfig({ ...values, ...nowhere }), allSecrets).close();
}

function wrongWithScript(
  [command = "", ...others]: readonly string[],
): string | undefined {
  if (!["run", "start", "test"].includes(command)) return undefined;
  const [name = "", args] = command === "run" ? [others[0], others.slice(1)] : [command, others];
  if (scripts[name] === undefined) {
    return `package.json has no script "${name}"`;
  }
  const begin = args.indexOf("--");
  const options = begin < 0 ? [] : args.slice(begin + 1).filter((word) => word.startsWith("--"));
  const source = read(programs.get(name) ?? "package.json");
  const unknown = options.map((option) => option.slice(2).split("=", 1)[0] ?? "")
    .filter((option) =>
      !new RegExp(
        String.raw`(?<![\w-])"?${option}"?: \{ type: "(?:string|boolean)"`,
      ).test(source)
    );
  return unknown.length === 0 ? undefined : `npm run ${name} has no option --${unknown.join(", --")}`;
}

describe("the commands of the documentation", () => {
  const pages = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], {
    cwd: root,
  })
    .map((file) => file.replaceAll("\\", "/")).sort();
  const shown = pages.flatMap((file) => commandsOf(file, read(file)));

  test("are found", () => {
    assert.ok(shown.length > 30, `${shown.length} commands`);
    assert.ok(
      [...programs.values()].every((file) => existsSync(`${root}${file}`)),
    );
    for (const program of ["stanchion", "stanchion-sandbox", "start"]) {
      assert.ok(shown.some(({ words }) => words[1] === program), program);
    }
  });

  for (const { where, words } of shown) {
    test(`are understood: ${where}, ${words.slice(0, 4).join(" ")}`, () => {
      assert.equal(wrongWith(words), undefined);
    });
  }
});

test("commandsOf() joins lines, and leaves out remarks and what a command is piped into", () => {
  const page =
    "# A\n\n```sh\nA=1 npx stanchion check \\\n  --config 'a b' | less # c\nls\nnpm start -- --tour    # d\n```\n";
  assert.deepEqual(commandsOf("a.md", page), [
    {
      where: "a.md:4",
      words: ["npx", "stanchion", "check", "--config", "a b"],
    },
    { where: "a.md:7", words: ["npm", "start", "--", "--tour"] },
  ]);
});

test("wrongWith() names what there is not", () => {
  for (
    const [line, fault] of [
      ["npx stanchion chek --config a", /chek/],
      ["stanchion check --config a --strickt", /strickt/],
      ["npx stanchion-sandbox --prot 1", /prot/],
      ["npm run nothing", /nothing/],
      ["npm test -- --quik", /--quik/],
      ["npm start -- --towr", /--towr/],
    ] as const
  ) assert.match(wrongWith(line.split(" ")) ?? "", fault);
  for (
    const line of [
      "npm install stanchion",
      "npx other --x",
      "npm run check -- types",
    ]
  ) {
    assert.equal(wrongWith(line.split(" ")), undefined, line);
  }
});
