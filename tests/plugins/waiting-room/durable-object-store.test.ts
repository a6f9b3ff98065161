/** The store of Durable Objects against objects that fail; `tests/runtimes/workerd-rooms.test.ts` has real ones. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  durableObjectStore,
  type ObjectContext,
  type ObjectNamespace,
  roomObject,
} from "../../../plugins/waiting-room/stores/durable-object/mod.ts";
import { openRoom } from "./_rooms.ts";

/** A namespace whose objects answer in turn. */
function namespaceOf(...answers: (() => Response)[]) {
  const asked: { readonly name: string; readonly url: string; readonly body: string }[] = [];
  const namespace: ObjectNamespace<string> = {
    idFromName: (name) => name,
    get: (name) => ({
      fetch(url, init) {
        asked.push({ name, url, body: init?.body ?? "" });
        return new Promise((resolve) => resolve((answers.shift() ?? fails())()));
      },
    }),
  };
  return { namespace, asked };
}

function fails(facts: object = {}): () => never {
  return () => {
    throw Object.assign(new Error("a secret of the platform"), facts);
  };
}

const batch = { room: openRoom, seen: undefined, commands: [] };
const answered = { outcomes: [], status: { now: 1 } };

test("durableObjectStore() asks an object of the room's name, and hands on what it answers", async () => {
  const { namespace, asked } = namespaceOf(() => Response.json(answered));
  assert.deepEqual(await durableObjectStore(namespace).run("shop:hall", batch), answered);
  assert.deepEqual(asked, [
    { name: "shop:hall", url: "https://room.invalid/run", body: JSON.stringify(batch) },
  ]);
});

test("durableObjectStore() keeps one secret in an object of its own", async () => {
  const { namespace, asked } = namespaceOf(() => Response.json({ secret: "first" }));
  assert.equal(await durableObjectStore(namespace).secret?.("second"), "first");
  assert.deepEqual(asked.map(({ name }) => name), ["stanchion/secret"]);
});

test("durableObjectStore() asks once more where the platform says so, by a new stub", async () => {
  const { namespace, asked } = namespaceOf(fails({ retryable: true }), () => Response.json(answered));
  assert.deepEqual(await durableObjectStore(namespace).run("hall", batch), answered);
  assert.equal(asked.length, 2);
});

const faults: readonly [
  what: string,
  answers: (() => Response)[],
  calls: number,
  code: string,
  message: RegExp,
][] = [
  ["a broken call", [fails()], 1, "unreachable", /^The Durable Object of the room failed \(Error\)$/],
  ["two broken calls", [fails({ retryable: true }), fails({ retryable: true })], 2, "unreachable", /failed/],
  ["an object that is overloaded", [fails({ retryable: true, overloaded: true })], 1, "overloaded", /failed/],
  ["no JSON", [() => new Response("<p>")], 1, "unreachable", /\(SyntaxError\)$/],
  [
    "a fault of the room",
    [() => Response.json({ code: "malformed", message: "too new" }, { status: 500 })],
    1,
    "malformed",
    /^too new$/,
  ],
  [
    "a fault of no known kind",
    [() => Response.json({ code: "odd" }, { status: 500 })],
    1,
    "malformed",
    /undefined/,
  ],
];

for (const [what, answers, calls, code, message] of faults) {
  test(`durableObjectStore() fails by ${code} for ${what}`, async () => {
    const { namespace, asked } = namespaceOf(...answers);
    await assert.rejects(durableObjectStore(namespace).run("hall", batch), (cause) => {
      assert.ok(cause instanceof Error && "code" in cause);
      assert.equal(cause.code, code);
      assert.match(cause.message, message);
      return true;
    });
    assert.equal(asked.length, calls);
  });
}

test("durableObjectStore() and roomObject() refuse what they cannot work with", () => {
  const wrong = (make: () => unknown, message: string) => assert.throws(make, { name: "TypeError", message });
  wrong(
    // @ts-expect-error A forgotten binding.
    () => durableObjectStore(undefined),
    'Cannot create Durable Object store: "namespace" must be the binding of a Durable Object\'s class, received undefined',
  );
  wrong(
    // @ts-expect-error A binding of something else.
    () => durableObjectStore({ get() {} }),
    'Cannot create Durable Object store: "namespace.idFromName" must be a function, received undefined',
  );
  wrong(
    // @ts-expect-error No class.
    () => roomObject({}),
    'Cannot create room object: "Base" must be a function, received {}',
  );
  class Base {}
  wrong(
    // @ts-expect-error No such option.
    () => roomObject(Base, { clock: 1 }),
    'Cannot create room object: unknown option "clock", the options are now',
  );
});

test("a room object says what is missing where its class has no SQLite database", async () => {
  class Base {}
  const Room = roomObject(Base);
  const none = () => {
    throw new Error("not backed by SQLite storage");
  };
  // What the platform gives to a class that was not created with a database.
  const storage = { sql: { exec: none }, transactionSync: none, setAlarm: none, deleteAlarm: none };
  const room = new Room({ storage } as ObjectContext, {});
  const answer = await room.fetch(new Request("https://room.invalid/status", { method: "POST", body: "{}" }));
  assert.deepEqual([answer.status, await answer.json()], [500, {
    code: "internal",
    message:
      'The Durable Object of the room has no SQLite database: name its class under "new_sqlite_classes" in a migration',
  }]);
});
