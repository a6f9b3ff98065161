/** The recipes of `docs/graphql.md`, in front of a real server of GraphQL whose door counts what is executed. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { useAPQ } from "@graphql-yoga/plugin-apq";
import fc from "../support/random-cases.ts";
import { createSchema, createYoga } from "graphql-yoga";
import { knownOperations } from "../../examples/known-operations.ts";
import { bodyTrigger, createGate, failClosed, type Plugin } from "../../mod.ts";
import { triggers } from "../../plugins/triggers.ts";
import { admitted, provider, queued } from "../src/_gates.ts";

const origin = "https://shop.example";
const known = "query Known($n: Int) { concerts(n: $n) }";
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const knownHash = hashOf(known);

/** A shop whose protected fields count how often they are executed. */
function createShop() {
  const counts = { guarded: 0, open: 0 };
  const yoga = createYoga({
    logging: false,
    maskedErrors: false,
    batching: true,
    multipart: true,
    plugins: [useAPQ()],
    schema: createSchema({
      typeDefs: `
        type Query { concerts(n: Int): [String!]! seats: Int! }
        type Mutation { reserveSeat(id: String): String! }
      `,
      resolvers: {
        Query: { concerts: () => (counts.open++, ["opening night"]), seats: () => ++counts.guarded },
        Mutation: { reserveSeat: () => (counts.guarded++, "a seat") },
      },
    }),
  });
  return { counts, execute: (request: Request) => yoga.fetch(request) };
}

type Shop = ReturnType<typeof createShop>;
// The server makes responses of a class of its own, of the same shape.
type Handler = (request: Request) => Response | Promise<Response>;

function gateWith(plugins: readonly Plugin[], isAdmitted: boolean): ReturnType<typeof createGate> {
  const last = provider(isAdmitted ? admitted : queued);
  return createGate({ plugins: [...plugins, failClosed(), last] });
}

const byPath = triggers([
  { name: "graphql", normalize: true, any: [{ path: { contains: "/graphql", ignoreCase: true } }] },
]);

/** The recipes: the endpoint as a whole, and the same with known operations beside it. */
const recipes: Readonly<Record<string, (shop: Shop, isAdmitted: boolean) => Handler>> = {
  "the whole application": ({ execute }, isAdmitted) => gateWith([], isAdmitted).wrap(execute),
  "the path of the endpoint": ({ execute }, isAdmitted) => gateWith([byPath], isAdmitted).wrap(execute),
  "everything but known operations": ({ execute }, isAdmitted) => {
    const open = knownOperations("/graphql/open", { [knownHash]: known, concerts: known }, execute);
    const gated = gateWith([byPath], isAdmitted).wrap(execute);
    return (request) => open(request) ?? gated(request);
  },
};

const blank = fc.constantFrom(" ", "\n", ",", "\t", " #reserve\n", "\uFEFF ");
const field = fc.constantFrom("mutation", "query").chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    name: fc.constantFrom("", "Known", "concerts"),
    alias: fc.constantFrom("", "concerts:", "x:"),
    gap: blank,
    isSpread: fc.boolean(),
    isTwo: fc.boolean(),
  })
);

/** A document that executes a protected field, in one of its many spellings. */
const document = field.map(({ kind, name, alias, gap, isSpread, isTwo }) => {
  const [type, call] = kind === "mutation" ? ["Mutation", "reserveSeat"] : ["Query", "seats"];
  const body = isSpread ? `...${gap}F` : `${alias}${gap}${call}`;
  const fragment = isSpread ? `fragment F on ${type} {${alias} ${gap}${call} }` : "";
  const other = isTwo ? "query Other { concerts }" : "";
  return {
    query: `${fragment}${other}${gap}${kind} ${name || "Run"}${gap}{${gap}${body}}`,
    name: name || "Run",
  };
});

function jsonEscaped(text: string): string {
  return text.replace(/[a-z]/gi, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const path = fc.constantFrom(
  "/graphql",
  "/graphql",
  "/graphql",
  "/graphql/",
  "/%67raphql",
  "/graphql/open/../",
  "/graphql/open/..",
  "//graphql",
  `/graphql/open/${knownHash}`,
  "/graphql/open/concerts",
  "/graphql/open/concerts/",
  "/graphql/open/constructor",
  "/graphql/open%2fconcerts",
);

type Wire = (to: string, query: string, name: string) => readonly RequestInit[] | readonly Request[];

const json = { "content-type": "application/json" };
const post = (body: BodyInit, headers: Record<string, string> = json): RequestInit => ({
  method: "POST",
  body,
  headers,
});
const params = (values: Record<string, string>) => new URLSearchParams(values).toString();
const asked = (to: string, values: Record<string, string>, init?: RequestInit) =>
  new Request(`${origin}${to}${to.includes("?") ? "&" : "?"}${params(values)}`, init);

/** The ways on which a document gets to a server. */
const wires: Readonly<Record<string, Wire>> = {
  "JSON": (_to, query, operationName) => [post(JSON.stringify({ query, operationName }))],
  "JSON with escapes": (_to, query, name) => [
    post(
      `{"\\u0071uery":"${
        jsonEscaped(JSON.stringify(query).slice(1, -1).replaceAll("\\n", " "))
      }","operationName":"${name}"}`,
    ),
  ],
  "a member twice": (_to, query, operationName) => {
    const own = JSON.stringify({ query, operationName });
    return [
      post(`{"query":${JSON.stringify(known)},${own.slice(1)}`),
      post(`${own.slice(0, -1)},"query":${JSON.stringify(known)}}`),
    ];
  },
  "a list of operations": (_to, query, operationName) => [
    post(JSON.stringify([{ query: known }, { query, operationName }])),
  ],
  "a known hash beside it": (_to, query, operationName) => {
    const persistedQuery = { version: 1, sha256Hash: knownHash };
    const ids = { id: knownHash, documentId: knownHash };
    return [
      post(JSON.stringify({ query, operationName, ...ids, extensions: { persistedQuery } })),
      post(JSON.stringify({ query, operationName, extensions: ids })),
    ];
  },
  "a hash that is told first": (to, query, operationName) => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(query) } };
    return [
      new Request(`${origin}${to}`, post(JSON.stringify({ query, operationName, extensions }))),
      new Request(`${origin}${to}`, post(JSON.stringify({ operationName, extensions }))),
      asked(to, { operationName, extensions: JSON.stringify(extensions) }),
    ];
  },
  "the URL": (to, query, operationName) => [asked(to, { query, operationName })],
  "the URL and a body": (to, query, operationName) => [
    asked(to, { query, operationName }, post(JSON.stringify({ query: known }))),
    asked(to, { query: known }, post(JSON.stringify({ query, operationName }))),
  ],
  "plain text": (_to, query) => [post(query, { "content-type": "application/graphql" })],
  "a form": (_to, query, operationName) => [
    post(params({ query, operationName }), { "content-type": "application/x-www-form-urlencoded" }),
  ],
  "parts": (_to, query, operationName) => {
    const form = new FormData();
    form.set("operations", JSON.stringify({ query, operationName }));
    form.set("map", "{}");
    return [{ method: "POST", body: form }];
  },
  "a document of its own name": (to, query, operationName) => [
    asked(to, { variables: "{}", query, operationName, documentId: knownHash }),
    new Request(`${origin}${to}`, { ...post(JSON.stringify({ query, operationName })), method: "PUT" }),
    new Request(
      `${origin}${to}`,
      post(JSON.stringify({ query, operationName }), { ...json, "x-http-method-override": "GET" }),
    ),
  ],
};

function requestsOf(wire: Wire, to: string, query: string, name: string): readonly Request[] {
  return wire(to, query, name).map((each) =>
    each instanceof Request ? each : new Request(`${origin}${to}`, each)
  );
}

async function sendAll(handler: Handler, requests: readonly Request[]): Promise<void> {
  for (const request of requests) {
    await (await handler(request)).text();
  }
}

describe("a GraphQL endpoint", () => {
  for (const [what, recipe] of Object.entries(recipes)) {
    for (const [how, wire] of Object.entries(wires)) {
      test(`behind a gate before ${what} executes no protected field that comes as ${how}`, async () => {
        const shop = createShop();
        const handler = recipe(shop, false);
        await fc.assert(
          fc.asyncProperty(document, path, async ({ query, name }, to) => {
            await sendAll(handler, requestsOf(wire, to, query, name));
            assert.equal(shop.counts.guarded, 0);
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  for (const [how, wire] of Object.entries(wires)) {
    test(`executes what comes as ${how} from who is admitted, so that the tests above mean something`, async () => {
      const shop = createShop();
      const handler = recipes["everything but known operations"]?.(shop, true) ?? assert.fail();
      await fc.assert(
        fc.asyncProperty(document, async ({ query, name }) => {
          await sendAll(handler, requestsOf(wire, "/graphql", query, name));
        }),
        { numRuns: 30 },
      );
      assert.ok(shop.counts.guarded > 0);
    });
  }

  test("answers known operations to who must wait, with variables and nothing else of theirs", async () => {
    const shop = createShop();
    const handler = recipes["everything but known operations"]?.(shop, false) ?? assert.fail();
    const ask = async (search: string, init?: RequestInit) =>
      await handler(new Request(`${origin}/graphql/open/${search}`, init));
    const answer = await ask(`${knownHash}?variables=${encodeURIComponent('{"n":1}')}&query={seats}`);
    assert.deepEqual(await answer.json(), { data: { concerts: ["opening night"] } });
    for (const variables of ["[]", "1", "null", "{", "query"]) {
      assert.equal((await ask(`concerts?variables=${variables}`)).status, 400);
    }
    for (
      const [name, init] of [["concerts", { method: "POST" }], ["toString", {}], ["", {}], [
        "concerts/",
        {},
      ]] as const
    ) {
      assert.equal((await ask(name, init)).status, 302, name);
    }
    assert.deepEqual(shop.counts, { guarded: 0, open: 1 });
  });

  test("is not guarded by texts in bodies, which is why there is no such recipe", async () => {
    const shop = createShop();
    const texts = bodyTrigger({ contains: ["reserveSeat", "seats"] });
    await sendAll(gateWith([texts], false).wrap(shop.execute), [asked("/graphql", { query: "{ seats }" })]);
    assert.equal(shop.counts.guarded, 1);
  });
});
