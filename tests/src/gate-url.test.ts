import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Context, createGate, failOpen, type GateOptions, type Plugin } from "../../mod.ts";

type Seen = Pick<Context, "href" | "path" | "returnUrl" | "readings" | "isPublicHost" | "caseSensitive">;

/** What a plugin sees of a request, and with what status the gate answers. */
function ask(url: string, options: Partial<GateOptions> = {}, headers: Record<string, string> = {}) {
  let seen: Seen | undefined;
  const look: Plugin = {
    name: "look",
    decide(ctx) {
      const { href, path, returnUrl, readings, isPublicHost, caseSensitive } = ctx;
      assert.equal(ctx.url.href, new URL(href).href);
      seen = { href, path, returnUrl, readings, isPublicHost, caseSensitive };
      return { action: "admit", reason: "look/seen" };
    },
  };
  const faults: unknown[] = [];
  const gate = createGate({
    ...options,
    plugins: [failOpen(), look],
    onError: (error) => faults.push(error),
  });
  // The servers of Deno and Bun hand over what was sent, which the constructor of a request would tidy up.
  const request = Object.defineProperty(new Request("https://shop.example/", { headers }), "url", {
    value: url,
  });
  const response = gate(request, () => new Response("page"));
  assert.ok(response instanceof Response);
  assert.deepEqual(faults, []);
  return { status: response.status, seen };
}

describe("the URL that a gate decides about", () => {
  test("is canonical, and the visitor comes back to what was asked for", () => {
    const table: [url: string, href: string, returnUrl: string][] = [
      ["https://shop.example/tickets", "https://shop.example/tickets", "https://shop.example/tickets"],
      ["https://shop.example/%74ickets", "https://shop.example/tickets", "https://shop.example/%74ickets"],
      [
        "http://SHOP.example.:80/x/%2E%2e/tickets",
        "http://shop.example/tickets",
        "http://shop.example/tickets",
      ],
      [
        "https://shop.example/caf%c3%a9?%61=%2f",
        "https://shop.example/caf%C3%A9?a=%2F",
        "https://shop.example/caf%c3%a9?%61=%2f",
      ],
      ["https://shop.example...:8443/", "https://shop.example:8443/", "https://shop.example:8443/"],
    ];
    for (const [url, href, returnUrl] of table) {
      const { seen } = ask(url);
      assert.equal(seen?.href, href);
      assert.equal(seen?.returnUrl, returnUrl);
      assert.equal(
        seen?.readings.at(0) === href || seen?.readings.at(-1) === href,
        true,
        seen?.readings.join(" "),
      );
    }
  });

  test("has among its readings what a server left unresolved", () => {
    const { seen } = ask("http://shop.example/x/%2E%2E/tickets");
    for (const form of ["/tickets", "/x/../tickets", "/x/%2E%2E/tickets"]) {
      assert.ok(seen?.readings.includes(`http://shop.example${form}`), form);
    }
  });

  test("is asked for with a host, or with 400 answered", () => {
    const urls = [
      "http://a.1../tickets",
      "http://a.1./tickets",
      "http:///tickets",
      "/tickets",
      "http://a@b/tickets",
      "http://a b/tickets",
      "http://a?/tickets",
      "http://a\\b/tickets",
      "http://../tickets",
    ];
    for (const url of urls) assert.equal(ask(url).status, 400, url);
    for (
      const host of ["localhost/x?", "", "a@b", "a b", "a#", "a\\b", "a:b", "[::1", "a".repeat(400), "é"]
    ) {
      assert.equal(ask("http://localhost/x?/tickets", {}, { host }).status, 400, host);
    }
    for (
      const host of [
        "localhost",
        "A.example.:80",
        "[::1]:8000",
        "127.0.0.1:1",
        "a_b",
        "xn--bcher-kva.example",
        "a:",
      ]
    ) {
      assert.equal(ask("http://localhost/x?/tickets", {}, { host }).status, 200, host);
    }
  });
});

describe("publicHosts", () => {
  test("say where the pages are, with https, whatever stands in the request", () => {
    const options = { publicHosts: ["shop.example"] };
    for (
      const url of [
        "https://shop.example/a?b",
        "http://shop.example/a?b",
        "http://SHOP.example.:81/a?b",
        "http://10.0.0.5:3000/a?b",
        "http://evil.example/a?b",
      ]
    ) {
      const { status, seen } = ask(url, options);
      assert.equal(status, 200);
      assert.equal(seen?.href, "https://shop.example/a?b");
      assert.equal(seen?.returnUrl, "https://shop.example/a?b");
      assert.deepEqual(seen?.readings, ["https://shop.example/a?b"]);
      assert.equal(seen?.isPublicHost, true);
    }
    assert.equal(ask("https://evil.example/a").seen?.isPublicHost, false);
  });

  test("turn a foreign host down where there are several, and take none for another", () => {
    const options = { publicHosts: ["shop.example", "www.shop.example:8443", "http://localhost:8000"] };
    const table: [url: string, href: string | 421][] = [
      ["http://shop.example/a", "https://shop.example/a"],
      ["https://www.shop.example:8443/a", "https://www.shop.example:8443/a"],
      ["http://www.shop.example/a", "https://www.shop.example:8443/a"],
      ["http://localhost:8000/a", "http://localhost:8000/a"],
      ["http://localhost:9000/a", "http://localhost:8000/a"],
      ["http://evil.example/a", 421],
      ["http://10.0.0.5/a", 421],
      ["http://shop.example.evil/a", 421],
    ];
    for (const [url, expected] of table) {
      const { status, seen } = ask(url, options);
      if (expected === 421) assert.equal(status, 421, url);
      else assert.equal(seen?.href, expected, url);
    }
  });

  test("concern nobody who bypasses the gate, such as a health check by address", () => {
    const health: Plugin = { name: "health", match: (ctx) => ctx.path !== "/health" };
    const decide: Plugin = {
      name: "closed",
      decide: () => ({ action: "reject", reason: "closed/now", status: 503 }),
    };
    const gate = createGate({
      publicHosts: ["a.example", "b.example"],
      plugins: [health, failOpen(), decide],
    });
    const page = () => new Response("page");
    assert.equal((gate(new Request("http://10.0.0.5/health"), page) as Response).status, 200);
    assert.equal((gate(new Request("http://10.0.0.5/"), page) as Response).status, 421);
  });

  test("are given once", () => {
    const provider: Plugin = {
      name: "provider",
      publicHosts: ["a.example"],
      decide: () => ({ action: "admit", reason: "provider/all" }),
    };
    assert.throws(() => createGate({ publicHosts: ["b.example"], plugins: [failOpen(), provider] }), {
      name: "TypeError",
      message: /"publicHosts" were given to the gate and to a provider/,
    });
    for (const publicHosts of [[], [""], ["https://a.example"], ["a.example/"], ["a b"], "a.example", [5]]) {
      assert.throws(
        () => createGate({ publicHosts: publicHosts as string[], plugins: [failOpen(), provider] }),
        /Cannot create gate: "publicHosts" must be a list of hosts/,
        JSON.stringify(publicHosts),
      );
    }
  });
});

describe("basePath", () => {
  test("stands before every path that a router has cut", () => {
    const { seen } = ask("https://shop.example/%74ickets?a=1", { basePath: "/shop" });
    assert.equal(seen?.path, "/shop/tickets");
    assert.equal(seen?.returnUrl, "https://shop.example/shop/%74ickets?a=1");
    assert.deepEqual(seen?.readings, [
      "https://shop.example/shop/tickets?a=1",
      "https://shop.example/shop/%74ickets?a=1",
    ]);
  });

  test("is a path", () => {
    for (const basePath of ["", "/", "shop", "/shop/", "/a/../b", "/a?b", "/a%20b", 5]) {
      assert.throws(
        () => ask("https://shop.example/", { basePath: basePath as string }),
        /Cannot create gate: "basePath" must be a path such as "\/shop"/,
      );
    }
  });
});

test("caseSensitive is told to whoever compares", () => {
  assert.equal(ask("https://shop.example/A").seen?.caseSensitive, false);
  assert.equal(ask("https://shop.example/A", { caseSensitive: true }).seen?.caseSensitive, true);
  assert.throws(
    () => ask("https://shop.example/A", { caseSensitive: 1 as unknown as boolean }),
    /"caseSensitive" must be true or false/,
  );
});
