/** A page arrives as the application made it, however it was made: answers of random parts, with a gate and without, over raw sockets. */

import assert from "node:assert/strict";
import process from "node:process";
import { randomOf } from "../torture/_tools.ts";
import { parts } from "./_made.ts";
import { exchange } from "./_wire.ts";
import { type Check, unique, type World } from "./_world.ts";

/** What each gate adds to an answer, besides a word in `Vary`. */
const first = [/^set-cookie: stamp=\w+; Path=\/$/, /^x-gate: yes$/, /^cache-control: private$/];
const added: Readonly<Record<string, readonly RegExp[]>> = {
  looking: [],
  stamped: first,
  twice: [...first, /^set-cookie: stamp=2; Path=\/second$/],
};

/** How a visitor asks. */
interface Asked {
  readonly recipe: string;
  readonly method: string;
  readonly version: string;
  readonly isShared: boolean;
  readonly isKept: boolean;
}

/** All that comes over a connection, when the same answer is asked for twice. */
async function received(world: World, gate: string, asked: Asked): Promise<readonly string[]> {
  const { recipe, method, version, isShared, isKept } = asked;
  const path = `/${gate}/made/${recipe}${isShared ? `?${unique()}` : ""}`;
  const targets = [{ method, path }, ...(isKept ? [{ method: "GET", path: "/bare/page" }] : [])];
  const texts: string[] = [];
  for (let visit = 0; visit < 2; visit++) texts.push(await exchange(world.port, targets, version));
  return texts;
}

/** The lines of the head in an order of their own, and behind it whatever came. */
function linesOf(text: string): readonly string[] {
  const split = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, split).split("\r\n");
  const names = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  const rest = text.slice(split).replace(/^date: .*\r\n/gim, "");
  return [status, ...names.filter((line) => !line.startsWith("date:")).sort(), rest];
}

/** Leaves out what a gate adds, each once. It has to be there, unless an answer was sent before, or could not be. */
function withoutOurs(lines: readonly string[], gate: string, mayLack: boolean): readonly string[] {
  const left = [...lines];
  for (const line of added[gate] ?? []) {
    const at = left.findIndex((one) => line.test(one));
    if (at >= 0) left.splice(at, 1);
    else assert.ok(mayLack, `The gate "${gate}" did not add ${line}`);
  }
  return left.map((line) => line.replace(/^(vary: .*), x-stamp$/, "$1")).filter((line) =>
    line !== "vary: x-stamp"
  );
}

/** Bun tells HEAD the type of a body only once somebody has looked at the headers, so no type is compared with one. */
function asBare(
  lines: readonly string[],
  bare: readonly string[],
  { method }: Asked,
  world: World,
): readonly string[] {
  const isType = (line: string) => line.startsWith("content-type:");
  const isLeftOut = world.runtime === "bun" && method === "HEAD" && !bare.some(isType);
  return isLeftOut ? lines.filter((line) => !isType(line)) : lines;
}

/** What cannot be sent without a gate cannot be sent with one; which error says so is the server's. */
function told(lines: readonly string[]): readonly string[] {
  const [status = ""] = lines;
  return /^HTTP\/1\.1 5/.test(status) ? [status] : lines;
}

/** Compares what comes with each gate with what comes without. */
async function compare(world: World, asked: Asked): Promise<void> {
  const bare = (await received(world, "bare", asked)).map(linesOf);
  for (const gate of Object.keys(added)) {
    const gated = (await received(world, gate, asked)).map((text, visit) => {
      const own = bare[visit] ?? [];
      const mayLack = (asked.isShared && visit > 0) || /^HTTP\/1\.1 5/.test(own[0] ?? "");
      return asBare(withoutOurs(linesOf(text), gate, mayLack), own, asked, world);
    });
    assert.deepEqual(
      gated.map(told),
      bare.map(told),
      `${JSON.stringify(asked)} behind the gate "${gate}"`,
    );
  }
}

/** Ways to make an answer of which a platform forgets or never tells what an application gave it. */
function isSkipped(world: World, recipe: string): boolean {
  switch (world.runtime) {
    case "node":
      return false;
    case "deno":
      // Deno reads no headers of a frozen answer, and tells names in two spellings apart that `Headers` do not.
      return /,frozen$|,twice,/.test(recipe);
    case "bun":
      // Bun forgets that the copy of a text beyond ASCII is one.
      return /^text,(?:.*,(?:cloned|parted)$|empty-type,)/.test(recipe);
    case "workerd":
      return false;
  }
}

/** What once came otherwise than the application had made it. */
const known: readonly string[] = [
  "stream,none,native",
  "text,none,cloned",
  "bytes,plain,handed",
  "text,cookie,plain",
  "text,cookies,plain",
  "text,twice,plain",
  "text,bare,plain",
  "text,frozen,frozen",
  "text,plain,derived",
  "blob,pairs,frozen",
  "text,plain,native",
  "text,none,plain",
  "none,empty,empty",
  "empty,framed,plain",
  "long,empty-type,plain",
];

/** All checks. */
export const madeChecks: readonly Check[] = [
  ...known.map((recipe): Check => ({
    name: `gate.wrap() changes nothing of an answer but its own headers, made as ${recipe}`,
    async run(world) {
      if (isSkipped(world, recipe)) return;
      for (const method of ["GET", "HEAD"]) {
        for (const version of ["1.1", "1.0"]) {
          for (const isKept of [true, false]) {
            await compare(world, { recipe, method, version, isKept, isShared: world.runtime === "node" });
          }
        }
      }
    },
  })),
  {
    name: "gate.wrap() changes nothing of an answer but its own headers, however it was made",
    async run(world) {
      // The same on each run, so that a change is to blame for a failure; MADE_SEED looks elsewhere.
      const seed = Number(process.env["MADE_SEED"] ?? 42);
      const random = randomOf(seed);
      const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? "";
      for (let turn = 0; turn < 100; turn++) {
        const asked: Asked = {
          recipe: parts.map(pick).join(","),
          method: pick(["GET", "GET", "HEAD"]),
          version: pick(["1.1", "1.1", "1.0"]),
          isKept: random() < 0.5,
          // Elsewhere a body is sent once, whoever made it.
          isShared: random() < 0.5 && world.runtime === "node",
        };
        if (isSkipped(world, asked.recipe)) continue;
        await compare(world, asked).catch((cause: unknown) => {
          throw new Error(`It failed at turn ${turn} of seed ${seed}`, { cause });
        });
      }
    },
  },
];
