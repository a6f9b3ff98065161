/** Which plugins a gate refuses for what they say of themselves, and for the order in which they stand. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { createGate, type GateOptions, type Plugin, type TokenStore } from "../../mod.ts";
import { hookNames } from "../../src/pipeline/hook-names.ts";
import { admitted, closing, gateOf, page, provider, request, untyped } from "./_gates.ts";

const good = [closing, provider(admitted)];

/** Refuses a list of plugins with exactly this message. */
function refuses(plugins: readonly unknown[], message: string): void {
  assert.throws(() => createGate(untyped<GateOptions>({ plugins })), {
    name: "TypeError",
    message: `Cannot create gate: ${message}`,
  });
}

describe("what plugins supply", () => {
  const known = "the supplies are tokens, address, origin, passive, body";
  const wrong: readonly (readonly [supplies: unknown, message: string])[] = [
    ["tokens", '"supplies" of plugin x must be an object, received "tokens"'],
    [null, '"supplies" of plugin x must be an object, received null'],
    [() => {}, '"supplies" of plugin x must be an object, received a function'],
    [{ token: () => {} }, `plugin x supplies "token", which nobody asks for; ${known}`],
    [{ visitor: undefined }, `plugin x supplies "visitor", which nobody asks for; ${known}`],
    [{ tokens: {} }, '"supplies.tokens" of plugin x must be of type function, received {}'],
    [{ tokens: undefined }, '"supplies.tokens" of plugin x must be of type function, received undefined'],
    [
      { address: "192.0.2.1" },
      '"supplies.address" of plugin x must be of type function, received "192.0.2.1"',
    ],
    [{ passive: true }, '"supplies.passive" of plugin x must be of type function, received true'],
    [{ body: () => {} }, '"supplies.body" of plugin x must be of type object, received a function'],
    [{ body: null }, '"supplies.body" of plugin x must be of type object, received null'],
  ];
  for (const [supplies, message] of wrong) {
    test(`createGate() refuses a plugin: ${message}`, () =>
      refuses([{ name: "x", supplies }, ...good], message));
  }

  const each = {
    tokens: () => untyped<TokenStore>({}),
    address: () => undefined,
    passive: () => false,
    body: { maxBytes: 1, timeoutMs: 1 },
  };
  for (const [key, value] of Object.entries(each)) {
    test(`createGate() refuses two plugins that supply ${key}, wherever they stand`, () => {
      const one = { name: "one", supplies: { [key]: value } };
      const two = { name: "two", supplies: { [key]: value } };
      const message = (first: string, second: string) =>
        `plugins ${first} and ${second} both supply ${key}; keep one of them`;
      refuses([one, ...good, two], message("one", "two"));
      refuses([...good, two, one], message("two", "one"));
      refuses([one, one, ...good], message("one", "one"));
      createGate({ plugins: [one, ...good] });
    });
  }

  test("createGate() takes plugins that supply different things, and those that supply nothing", () => {
    const plugins = Object.entries(each).map(([key, value]) => ({ name: key, supplies: { [key]: value } }));
    createGate({ plugins: [{ name: "none", supplies: {} }, ...plugins, ...good] });
    createGate({ plugins: [{ name: "all", supplies: each }, ...good] });
  });

  test("createGate() takes supplies that are methods of an object with a state of its own", async () => {
    class Supplier {
      #asked = 0;
      address(): string {
        return `192.0.2.${++this.#asked}`;
      }
      passive(): boolean {
        return ++this.#asked > 0;
      }
    }
    const seen: unknown[] = [];
    const watch: Plugin = {
      name: "watch",
      supplies: new Supplier(),
      prepare: (ctx) => void seen.push(ctx.address, ctx.passive, ctx.address),
    };
    await gateOf([watch]).gate(request(), page);
    assert.deepEqual(seen, ["192.0.2.1", true, "192.0.2.1"], "each is asked once");
    const other: Plugin = { name: "other", supplies: { address: () => "192.0.2.9" } };
    refuses([watch, other, ...good], "plugins watch and other both supply address; keep one of them");
  });
});

describe("plugins that always answer", () => {
  test("createGate() refuses a final that is no such hook", () => {
    for (
      const [final, shown] of [["prepare", '"prepare"'], [true, "true"], [null, "null"], ["", '""']] as const
    ) {
      refuses(
        [closing, { ...provider(admitted), final }],
        `"final" of plugin provider must be "decide" or "recover", received ${shown}`,
      );
    }
    createGate(untyped<GateOptions>({ plugins: [closing, { ...provider(admitted), final: undefined }] }));
  });

  test("createGate() refuses a plugin that says it always answers in a hook that it does not have", () => {
    for (const final of ["decide", "recover"]) {
      const message = `plugin x says that it always answers in "${final}", but has no such hook`;
      refuses([{ name: "x", final }, ...good], message);
      refuses([{ name: "x", final, [final]: undefined }, ...good], message);
    }
    refuses(
      [closing, { ...provider(admitted), final: "recover" }],
      'plugin provider says that it always answers in "recover", but has no such hook',
    );
  });

  test("createGate() refuses a plugin that would never be asked, behind the provider", () => {
    const late: Plugin = { name: "late", decide: () => undefined };
    refuses(
      [closing, provider(admitted), late],
      "plugin late comes after provider, which always decides, so it would never be asked; list it before",
    );
    createGate({ plugins: [late, closing, provider(admitted)] });
    // What it does in other hooks is done wherever it stands.
    const helper: Plugin = {
      name: "helper",
      prepare() {},
      respond: () => undefined,
      headers: () => undefined,
    };
    createGate({ plugins: [provider(admitted), helper, closing] });
  });

  test("createGate() refuses a second provider, and says how to make one of two", () => {
    refuses(
      [closing, provider(admitted), { ...provider(admitted), name: "second" }],
      "plugin second comes after provider, and both always decide; make one of the two with failover()",
    );
    const one = provider(admitted);
    refuses(
      [closing, one, one],
      "plugin provider comes after provider, and both always decide; make one of the two with failover()",
    );
  });

  test("createGate() refuses whoever would recover behind a policy that always does", () => {
    const always: Plugin = { ...closing, name: "always", final: "recover" };
    const message = "plugin closing comes after always, which decides after every failure; list it before";
    refuses([always, provider(admitted), closing], message);
    createGate({ plugins: [closing, always, provider(admitted)] });
    createGate({ plugins: [provider(admitted), closing, always] });
  });
});

describe("functions of a plugin that are no hooks", () => {
  const hooks = hookNames.join(", ");

  /** The distance of two words by its definition. */
  function distance(one: string, other: string): number {
    if (one === "" || other === "") return one.length + other.length;
    const [a, b] = [one.slice(1), other.slice(1)];
    if (one[0] === other[0]) return distance(a, b);
    return 1 + Math.min(distance(a, b), distance(one, b), distance(a, other));
  }

  /** Whether a gate takes a plugin with a function of this name. */
  function isTaken(name: string, value: unknown = () => {}): boolean {
    try {
      createGate(untyped<GateOptions>({ plugins: [{ name: "x", [name]: value }, ...good] }));
      return true;
    } catch (error) {
      assert.ok(error instanceof TypeError);
      assert.equal(
        error.message,
        `Cannot create gate: plugin x has an unknown hook "${name}", the hooks are ${hooks}`,
      );
      return false;
    }
  }

  test("createGate() refuses a name that differs from a hook's in one or two characters", () => {
    const table = [
      "mach",
      "matches",
      "Match",
      "prepar",
      "prepared",
      "perpare",
      "decice",
      "decided",
      "descide",
    ];
    table.push(
      "recovr",
      "recovers",
      "respnd",
      "responds",
      "header",
      "heeders",
      "setled",
      "settle",
      "settledd",
    );
    for (const name of table) assert.equal(isTaken(name), false, name);
  });

  test("createGate() leaves a plugin's owner all other names", () => {
    const table = [
      "extend",
      "cancel",
      "text",
      "state",
      "deliver",
      "route",
      "close",
      "push",
      "onDecision",
      "head",
    ];
    table.push(
      "setMode",
      "settings",
      "decisions",
      "matchedRoom",
      "preparation",
      "beforeRespond",
      "ma",
      "run",
      "watch",
      "patch",
      "batch",
      "",
    );
    for (const name of table) assert.equal(isTaken(name), true, name);
    for (const name of ["mach", "decided"]) {
      assert.equal(isTaken(name, "data"), true, "only functions are hooks");
    }
  });

  test("createGate() finds a misspelt hook in a class, and none beside the hook itself", () => {
    class Doorman {
      readonly name = "x";
      decied(): undefined {}
    }
    refuses([new Doorman(), ...good], `plugin x has an unknown hook "decied", the hooks are ${hooks}`);
    class Decoder {
      readonly name = "decoder";
      decide(): undefined {}
      decode(): void {}
      get settle(): never {
        throw new Error("nobody asks for what is no hook");
      }
    }
    createGate(untyped<GateOptions>({ plugins: [new Decoder(), ...good] }));
  });

  test("createGate() draws the line at a distance of two, whatever the name", () => {
    const edit = fc.record({
      at: fc.nat(8),
      kind: fc.constantFrom("insert", "remove", "replace"),
      character: fc.constantFrom(..."abcdehmnoprstvTZ_$"),
    });
    const edited = fc.tuple(fc.constantFrom(...hookNames), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(
        ([hook, edits]) => {
          const word: string[] = [...hook];
          for (const { at, kind, character } of edits) {
            word.splice(at, kind === "insert" ? 0 : 1, ...(kind === "remove" ? [] : [character]));
          }
          return word.join("");
        },
      );
    fc.assert(
      fc.property(edited, (name) => {
        const given = name.toLowerCase();
        const begun = hookNames.filter((hook) => hook[0] === given[0]);
        const least = Math.min(...begun.map((hook) => distance(hook, given)));
        fc.pre(!hookNames.some((hook) => hook === name) && name !== "name");
        assert.equal(isTaken(name), least > 2, `${name} at ${least}`);
      }),
      { numRuns: 300 },
    );
  });
});
