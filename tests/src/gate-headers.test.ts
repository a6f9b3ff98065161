import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type HeaderChange, HookError, type Plugin } from "../../mod.ts";
import { answered, gateOf, page, provider, queued, request, turn, untyped } from "./_gates.ts";

function changing(...changes: readonly HeaderChange[]): Plugin {
  return { name: "changing", headers: () => changes };
}

const cookie = changing(["set-cookie", "token=1; Path=/"]);

/** What a page with this `Cache-Control` has in the end, with the given plugin. */
function cacheControlOf(value: string | undefined, plugin: Plugin): string | null {
  const headers = value === undefined ? undefined : { "cache-control": value };
  const response = gateOf([plugin]).gate(request(), () => new Response("page", { headers }));
  return answered(response).headers.get("cache-control");
}

describe("an admitted page that gets a cookie becomes private", () => {
  const table: readonly [said: string | undefined, becomes: string][] = [
    [undefined, "private"],
    ["", "private"],
    ["public", "private"],
    ["public, max-age=60", "max-age=60, private"],
    ["public, s-maxage=60", "private"],
    ["max-age=5,S-MaxAge=60 , PUBLIC", "max-age=5, private"],
    ["max-age=60", "max-age=60, private"],
    ["no-cache", "no-cache, private"],
    ["private", "private"],
    ["PRIVATE", "PRIVATE"],
    ["max-age=60,private", "max-age=60,private"],
    ["private , max-age=60", "private , max-age=60"],
    ["private, s-maxage=60", "private"],
    ["public, private, max-age=5", "private, max-age=5"],
    ["no-store, s-maxage=60", "no-store, s-maxage=60"],
    ["no-store", "no-store"],
    ["No-Store, max-age=0", "No-Store, max-age=0"],
    // For some fields only: the page itself might be stored for everybody.
    ['private="x"', "private"],
    ['private="x, y", max-age=60', "max-age=60, private"],
    ['max-age=60, private="set-cookie"', "max-age=60, private"],
    // Not the directive, only a word within another.
    ['no-cache="a, private, b"', 'no-cache="a, private, b", private'],
    ['no-cache="a, \\"no-store\\", b"', 'no-cache="a, \\"no-store\\", b", private'],
    ["x-private", "x-private, private"],
    ["private-ish", "private-ish, private"],
    ['no-cache="never closed, private', 'no-cache="never closed, private, private'],
    [", ,", "private"],
  ];
  for (const [said, becomes] of table) {
    test(`gate() turns ${JSON.stringify(said) ?? "nothing"} into ${JSON.stringify(becomes)}`, () => {
      assert.equal(cacheControlOf(said, cookie), becomes);
    });
  }

  test("gate() leaves Cache-Control alone when it sets no cookie", () => {
    assert.equal(cacheControlOf("public, s-maxage=60", changing(["x-room", "a"])), "public, s-maxage=60");
    assert.equal(cacheControlOf(undefined, changing(["x-room", "a"])), null);
  });

  test("gate() starts from the Cache-Control that a plugin sets", () => {
    const changes: HeaderChange[] = [["cache-control", "no-store, max-age=0"], ["set-cookie", "token=1"]];
    assert.equal(cacheControlOf("public", changing(...changes)), "no-store, max-age=0");
    const open: HeaderChange[] = [["set-cookie", "token=1"], ["Cache-Control", "public, max-age=9"]];
    assert.equal(cacheControlOf("max-age=5", changing(...open)), "max-age=9, private");
  });

  test("gate() keeps the application's own no-store in its exact form, whatever a plugin sets", () => {
    const changes: HeaderChange[] = [["set-cookie", "token=1"], ["cache-control", "public, max-age=9"]];
    for (const form of ["no-store", "max-age=0, NO-STORE", "no-store, s-maxage=60"]) {
      assert.equal(cacheControlOf(form, changing(...changes)), form);
      assert.equal(cacheControlOf(form, cookie), form);
    }
  });
});

describe("every answer of the gate itself is no-store", () => {
  function refusedWith(plugins: readonly Plugin[]): string | null {
    const last = plugins.some(({ final }) => final) ? [] : [provider(queued)];
    return answered(gateOf([...plugins, ...last]).gate(request(), page)).headers.get(
      "cache-control",
    );
  }

  test("gate() says no-store where no plugin says anything", () => {
    assert.equal(refusedWith([]), "no-store");
  });

  test("gate() keeps the provider's exact form, whoever says it", () => {
    const form = "no-cache, no-store, must-revalidate, max-age=0";
    assert.equal(refusedWith([changing(["cache-control", form])]), form);
    assert.equal(refusedWith([provider({ ...queued, headers: [["Cache-Control", form]] })]), form);
    const answer = () => new Response("wait", { headers: { "cache-control": form } });
    assert.equal(refusedWith([{ name: "page", respond: answer }]), form);
    const response = answer();
    assert.equal(refusedWith([provider({ action: "respond", reason: "test/page", response })]), form);
  });

  test("gate() says no-store where a plugin said something weaker", () => {
    for (
      const weak of ["public, max-age=60", "private", "x-no-store", "no-storeroom", 'private="no-store"']
    ) {
      assert.equal(refusedWith([changing(["cache-control", weak])]), "no-store");
      const answer = () => new Response("wait", { headers: { "cache-control": weak } });
      assert.equal(refusedWith([{ name: "page", respond: answer }]), "no-store");
    }
  });

  test("gate() gives the headers of a refusal to the answer of a respond hook", () => {
    const refusal = provider({ ...queued, headers: [["retry-after", "5"], ["set-cookie", "place=9"]] });
    const response = answered(
      gateOf([{ name: "page", respond: page }, cookie, refusal]).gate(request(), page),
    );
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.deepEqual(response.headers.getSetCookie(), ["place=9", "token=1; Path=/"]);
  });
});

describe("headers", () => {
  test("set-cookie and vary are appended, everything else is replaced, in whatever case it is written", () => {
    for (const write of [(name: string) => name, (name: string) => name.toUpperCase()]) {
      const changes = changing([write("set-cookie"), "b=2"], [write("vary"), "cookie"], [
        write("x-frame"),
        "new",
      ]);
      const headers = [["set-cookie", "a=1"], ["vary", "accept"], ["x-frame", "old"]] as [string, string][];
      const response = answered(gateOf([changes]).gate(request(), () => new Response("page", { headers })));
      assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
      assert.equal(response.headers.get("vary"), "accept, cookie");
      assert.equal(response.headers.get("x-frame"), "new");
    }
  });

  test("the application's several cookies stay in front of ours, in their order", () => {
    const own = ["a=1; Expires=Thu, 01 Jan 2032 00:00:00 GMT", "b=2", "a=3; Path=/x"];
    const ours = changing(["set-cookie", "x=1"], ["set-cookie", "y=2"]);
    const response = answered(
      gateOf([ours, { ...cookie, name: "last" }]).gate(request(), () => {
        const answer = page();
        for (const each of own) answer.headers.append("set-cookie", each);
        return answer;
      }),
    );
    assert.deepEqual(response.headers.getSetCookie(), [...own, "x=1", "y=2", "token=1; Path=/"]);
  });

  test("a hook that throws is reported, and the others' headers arrive", () => {
    const broken: Plugin = {
      name: "broken",
      headers() {
        throw new Error("no");
      },
    };
    for (const plugins of [[broken, cookie], [cookie, broken], [cookie, broken, provider(queued)]]) {
      const { gate, faults } = gateOf(plugins);
      const response = answered(gate(request(), page));
      assert.deepEqual(response.headers.getSetCookie(), ["token=1; Path=/"]);
      const [fault] = faults;
      assert.ok(fault instanceof HookError && faults.length === 1);
      assert.deepEqual([fault.plugin, fault.hook, fault.code], ["broken", "headers", "internal"]);
    }
  });

  test("a hook that returns garbage is reported and changes nothing else", () => {
    for (const garbage of [5, true, {}, [undefined], [5], [["x"]], Promise.resolve([])]) {
      const { gate } = gateOf([{ name: "garbage", headers: () => untyped<HeaderChange[]>(garbage) }, cookie]);
      const response = answered(gate(request(), page));
      assert.equal(response.status, 200);
      assert.deepEqual(response.headers.getSetCookie(), ["token=1; Path=/"]);
    }
    const nothing = gateOf([{ name: "null", headers: () => untyped<undefined>(null) }]);
    assert.equal(answered(nothing.gate(request(), page)).status, 200);
    assert.equal(nothing.gate.errors, 0);
  });

  test("a name or a value that no response can carry is left out and reported, never injected", () => {
    const bad: readonly HeaderChange[] = [
      ["x-split", "a\r\nset-cookie: evil=1"],
      ["set-cookie", "a=1\r\nx-evil: 1"],
      ["x-null", "a\0b"],
      ["x name", "1"],
      ["x-wide", "\u{1F600}"],
      ["", "1"],
    ];
    for (const change of bad) {
      for (const plugins of [[], [provider(queued)]]) {
        const { gate, faults } = gateOf([changing(change, ["x-good", "1"]), ...plugins]);
        const response = answered(gate(request(), page));
        assert.equal(response.headers.get("x-good"), "1");
        assert.equal(response.headers.get("x-evil"), null);
        assert.deepEqual(response.headers.getSetCookie(), []);
        assert.equal(faults.length, 1, JSON.stringify(change));
      }
    }
  });
});

describe("respond", () => {
  test("a hook that throws or rejects is reported, and the next one answers", async () => {
    const error = new Error("no template");
    const broken = [() => Promise.reject(error), () => {
      throw error;
    }];
    for (const respond of broken) {
      const answers: Plugin = { name: "answers", respond: () => new Response("wait", { status: 429 }) };
      const { gate, faults } = gateOf([{ name: "broken", respond }, answers, provider(queued)]);
      assert.equal((await gate(request(), page)).status, 429);
      const [fault] = faults;
      assert.ok(fault instanceof HookError && faults.length === 1);
      assert.deepEqual([fault.plugin, fault.hook, fault.cause], ["broken", "respond", error]);
    }
  });

  test("when all hooks fail the gate answers itself, and nobody is let in", async () => {
    const respond = () => turn().then(() => Promise.reject(new Error("no template")));
    const { gate, faults } = gateOf([
      { name: "broken", respond },
      { name: "too", respond },
      provider(queued),
    ]);
    const response = await gate(request(), page);
    assert.equal(response.status, 302);
    assert.equal(faults.length, 2);
  });

  test("a hook that returns garbage is reported, and the next one answers", async () => {
    for (const garbage of [true, "wait", {}, { status: 200 }, [], 1]) {
      for (const later of [false, true]) {
        const respond = () => untyped<Response>(later ? Promise.resolve(garbage) : garbage);
        const { gate, faults } = gateOf([{ name: "garbage", respond }, provider(queued)]);
        assert.equal((await gate(request(), page)).status, 302);
        assert.equal(faults.length, 1);
      }
    }
  });
});
