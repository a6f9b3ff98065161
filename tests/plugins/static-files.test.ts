import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { serve as serveNode } from "@hono/node-server";
import { createGate, type Plugin } from "../../mod.ts";
import { staticFiles, type StaticFilesOptions } from "../../plugins/static-files.ts";
import { contextOf } from "../support/context-of.ts";

const origin = "https://shop.example.com";

/** Whether a request bypasses the gate. */
function bypasses(options: StaticFilesOptions | undefined, path: string, init?: RequestInit): boolean {
  return staticFiles(options).match?.(contextOf(new Request(origin + path, init))) === false;
}

/** The same for a URL that no `Request` would carry, as a careless adapter may make one. */
function bypassesRaw(options: StaticFilesOptions, url: string): boolean {
  const request = { url, method: "GET", headers: new Headers() };
  // Only these members are read.
  return staticFiles(options).match?.(contextOf(request as unknown as Request)) === false;
}

const closed: readonly Plugin[] = [
  { name: "closed", recover: () => ({ action: "reject", reason: "closed/closed", status: 503 }) },
  {
    name: "provider",
    decide: () => ({ action: "queue", reason: "provider/queued", location: "https://wait.example/" }),
  },
];

describe("staticFiles() by extension", () => {
  const extensions =
    "css map js mjs wasm webmanifest apng avif bmp cur gif ico jpeg jpg jxl png svg webp eot otf ttf woff woff2 " +
    "aac avi flac m4a m4v mov mp3 mp4 mpeg mpg oga ogg ogv opus vtt wav weba webm wmv";
  for (const extension of extensions.split(" ")) {
    test(`staticFiles() lets .${extension} bypass by default, in any case`, () => {
      assert.equal(bypasses({}, `/a/file.${extension}`), true);
      assert.equal(bypasses({}, `/a/file.${extension.toUpperCase()}`), true);
      assert.equal(bypasses({}, `/a/file.${extension}x`), false);
      assert.equal(bypasses({}, `/a/file.x${extension}`), false);
    });
  }

  test("staticFiles() takes nothing for a file by default that may be the data of a page", () => {
    const data =
      "json json5 jsonld ndjson xml rss atom csv tsv txt pdf ics data rsc html htm xhtml php asp aspx jsp do";
    for (const extension of data.split(" ")) {
      for (const path of [`/tickets/5.${extension}`, `/tickets.${extension.toUpperCase()}?v=1`]) {
        assert.equal(bypasses({}, path), false, path);
        assert.equal(bypasses({ roots: ["/tickets"] }, path), false, path);
      }
      assert.equal(
        bypasses({ extensions: [extension] }, `/files/5.${extension}`),
        !/^(data|rsc)$/.test(extension),
      );
    }
  });

  const cases: readonly [path: string, bypass: boolean, why: string][] = [
    ["/", false, "a page"],
    ["/tickets", false, "no extension"],
    ["/file.html", false, "another extension"],
    ["/file.php", false, "another extension"],
    ["/app.js?v=3", true, "the query plays no part"],
    ["/app.js#top", true, "nor does the fragment"],
    ["/app.js?v=../x", true, "whatever is in it"],
    ["/tickets?x=.css", false, "neither to exclude nor to include"],
    ["/tickets?/x.css", false, "nor if it has slashes"],
    ["/tickets#/x.css", false, "nor does the fragment"],
    ["/file.css/", false, "the last segment is empty"],
    ["/file.css/buy", false, "only the last segment counts"],
    ["/file.css.php", false, "only the last dot counts"],
    ["/file.php.css", true, "only the last dot counts"],
    ["/.css", true, "a name that is an extension"],
    ["/file.", false, "an empty extension"],
    ["/css", false, "no dot"],
    ["/file%2ecss", true, "the last segment is decoded"],
    ["/file.%63ss", true, "the last segment is decoded"],
    ["/caff%C3%A8.css", true, "UTF-8 is decoded"],
    ["/%E2%98%83/a%20b.css", true, "blanks are no matter"],
    ["/file.css%20", false, "a blank is part of the extension"],
    ["/100%25.css", true, "an encoded percent sign is literal"],
    ["/tickets%252Fx.css", false, "a slash that was encoded twice, which some decode twice"],
    ["/tickets/%252e%252e/x.css", false, "dots that were encoded twice"],
    ["/tickets.css%253f", false, "a question mark that was encoded twice"],
    ["/tickets%2Fx.css", false, "an encoded slash"],
    ["/tickets%2fx.css", false, "an encoded slash"],
    ["/tickets%5Cx.css", false, "an encoded backslash"],
    ["/tickets%5cx.css", false, "an encoded backslash"],
    ["/tickets;x.css", false, "a matrix parameter"],
    ["/tickets;a=b/x.css", false, "a matrix parameter of another segment"],
    ["/tickets%3Bx.css", false, "an encoded semicolon"],
    ["/tickets%3Fx.css", false, "an encoded question mark"],
    ["/tickets%23x.css", false, "an encoded hash"],
    ["/x.css%3fy", false, "an encoded question mark"],
    ["/x.css%23y", false, "an encoded hash"],
    ["/tickets/x.css%00", false, "NUL"],
    ["/tickets%00.css", false, "NUL"],
    ["/tickets%0a.css", false, "a control character"],
    ["/tickets%7f.css", false, "a control character"],
    ["/tickets%c2%85.css", false, "a control character"],
    ["/tickets%.css", false, "an incomplete encoding"],
    ["/tickets%zz.css", false, "no encoding"],
    ["/tickets%ff.css", false, "no UTF-8"],
    ["/tickets%c0%af.css", false, "overlong UTF-8"],
    ["//tickets/x.css", false, "an empty segment"],
    ["/tickets//x.css", false, "an empty segment"],
  ];
  for (const [path, bypass, why] of cases) {
    test(`staticFiles() ${bypass ? "lets" : "does not let"} ${path} bypass: ${why}`, () => {
      assert.equal(bypasses({}, path), bypass);
      assert.equal(bypasses({ extensions: ["css", "js"], paths: ["/other"] }, path), bypass);
      assert.equal(bypassesRaw({}, origin + path), bypass);
    });
  }

  const raw: readonly string[] = [
    "/tickets/../x.css",
    "/tickets/./x.css",
    "/..",
    "/x.css/..",
    "/tickets\\x.css",
    "/tickets\0.css",
    "/tickets\x85.css",
    "/tickets/x.css\n",
  ];
  for (const path of raw) {
    test(`staticFiles() protects ${JSON.stringify(path)} where an adapter hands it over as it came`, () => {
      assert.equal(
        bypassesRaw({ paths: ["/tickets", "/x.css"] }, origin + path),
        false,
      );
    });
  }

  test("staticFiles() protects what has no path at all", () => {
    for (
      const url of [
        "",
        "x.css",
        "https://shop.example.com",
        "https://shop.example.com?x.css",
        "https://shop.example.com?/x.css",
        "https://shop.example.com#/x.css",
        "http://a?/x.css",
        "http://a?q=/admin",
      ]
    ) {
      assert.equal(bypassesRaw({ paths: ["/admin"] }, url), false, url);
    }
  });

  test("staticFiles() lets an extension bypass for GET and HEAD only", () => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
      assert.equal(bypasses({}, "/app.js", { method }), method === "GET" || method === "HEAD", method);
    }
  });

  test("staticFiles() replaces the list of extensions by another, in any case", () => {
    assert.equal(bypasses({ extensions: ["WASM", "glb"] }, "/app.wasm"), true);
    assert.equal(bypasses({ extensions: ["WASM", "glb"] }, "/app.GLB"), true);
    assert.equal(bypasses({ extensions: ["WASM", "glb"] }, "/app.css"), false);
    assert.equal(bypasses({ extensions: [] }, "/app.css"), false);
    assert.equal(bypasses({ extensions: [] }, "/app."), false);
  });

  test("staticFiles() tells extensions apart that fall on the same key", () => {
    assert.equal(bypasses({ extensions: ["a_"] }, "/x.a_"), true);
    assert.equal(bypasses({ extensions: ["a_"] }, "/x.b@"), false);
    assert.equal(bypasses({ extensions: ["a_", "b@"] }, "/x.a_"), true);
    assert.equal(bypasses({ extensions: ["a_", "b@"] }, "/x.b@"), true);
  });
});

describe("staticFiles() and what a request is for", () => {
  const opened: Readonly<Record<string, string>>[] = [
    { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" },
    { "sec-fetch-mode": "navigate" },
    { "sec-fetch-dest": "iframe" },
    { "sec-fetch-dest": "embed" },
    { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
    { "content-type": "application/json" },
    { "content-length": "4" },
  ];
  test("staticFiles() protects a page that a browser opens, whatever its extension is", () => {
    for (const headers of opened) {
      for (const options of [{}, { roots: ["/tickets"] }, { extensions: ["css"] }]) {
        assert.equal(bypasses(options, "/tickets/5.css", { headers }), false, JSON.stringify(headers));
      }
      assert.equal(
        bypasses({ paths: ["/tickets"] }, "/tickets/5.css", { headers }),
        true,
        "the owner said so",
      );
      assert.equal(bypasses({ test: () => true }, "/tickets/5.css", { headers }), true, "the owner said so");
    }
  });

  test("staticFiles() lets a script fetch files below its roots only", () => {
    const headers = { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" };
    assert.equal(bypasses({}, "/assets/app.js", { headers }), false);
    assert.equal(bypasses({ roots: ["/assets"] }, "/assets/app.js", { headers }), true);
    assert.equal(bypasses({ roots: ["/assets"] }, "/tickets/5.js", { headers }), false);
  });

  test("staticFiles() protects the data routes of frameworks, whatever the owner's extensions and roots are", () => {
    const paths = [
      "/tickets/__data.json",
      "/tickets/%5F_data.json",
      "/tickets/_payload.js",
      "/tickets.data",
      "/_next/data/abc/tickets.json",
      "/_next/d%61ta/abc/tickets.json",
      "/app.js?_rsc=abc",
      "/app.js?v=1&%5Fdata=x",
      "/app%2ejs?_rsc=abc",
    ];
    for (const path of paths) {
      for (const more of [{}, { roots: ["/tickets", "/_next", "/app.js", "/tickets.data"] }]) {
        const options = { extensions: ["js", "json", "data"], ...more };
        assert.equal(bypasses(options, path), false, path);
        assert.equal(bypasses({ ...options, test: () => true }, path), true, "the owner said so");
      }
    }
    for (const header of ["rsc", "x-inertia", "hx-request", "turbo-frame"]) {
      assert.equal(bypasses({}, "/app.js", { headers: { [header]: "1" } }), false, header);
      assert.equal(bypasses({ paths: ["/app.js"] }, "/app.js", { headers: { [header]: "1" } }), true, header);
    }
  });

  test("staticFiles() decides by the path as it was written, where a server leaves it so", () => {
    for (const path of ["/x/%2E%2E/assets/a.css", "/x/%2e./assets/a.css", "/%2e/assets/a.css"]) {
      assert.equal(bypassesRaw({ roots: ["/assets"], paths: ["/assets"] }, origin + path), false, path);
    }
  });
});

describe("staticFiles() with roots", () => {
  const options: StaticFilesOptions = { roots: ["/assets", "/bücher/"] };
  const cases: readonly [path: string, bypass: boolean][] = [
    ["/assets/app.js", true],
    ["/assets/deep/er/app.js?v=1", true],
    ["/assets/app.html", false],
    ["/assets", false],
    ["/assets.js", false],
    ["/assets-old/app.js", false],
    ["/Assets/app.js", false],
    ["/app.js", false],
    ["/other/assets/app.js", false],
    ["/b%C3%BCcher/app.js", true],
    ["/%61ssets/app.js", true],
    ["/assets%2Fapp.js", false],
    ["/assets/..%2Fapp.js", false],
    ["/assets/%2e%2e/tickets.js", false],
    ["/assets/..;/tickets.js", false],
    ["/assets/../tickets.js", false],
    ["/tickets/../assets/app.js", true],
    ["//assets/app.js", false],
  ];
  for (const [path, bypass] of cases) {
    test(`staticFiles() ${bypass ? "lets" : "does not let"} ${path} bypass below its roots`, () => {
      assert.equal(bypasses(options, path), bypass);
    });
  }
});

describe("staticFiles() with paths", () => {
  const options: StaticFilesOptions = { extensions: [], paths: ["/admin", "/pay/", "/größe", "/a.b"] };
  const cases: readonly [path: string, bypass: boolean][] = [
    ["/admin", true],
    ["/admin/", true],
    ["/admin?x", true],
    ["/admin#x", true],
    ["/admin/users/7?x=1", true],
    ["/administrator", false],
    ["/admin-tools", false],
    ["/Admin", false],
    ["/x/admin", false],
    ["/?/admin", false],
    ["/pay", false],
    ["/pay/", true],
    ["/pay/callback", true],
    ["/gr%C3%B6%C3%9Fe/x", true],
    ["/gr%c3%b6%c3%9fe", true],
    ["/%61dmin", true],
    ["/admin%2F", false],
    ["/admin%2fx", false],
    ["/admin%5cx", false],
    ["/admin%3fx", false],
    ["/admin%23", false],
    ["/admin//x", false],
    ["//admin", false],
    ["/admin;x", false],
    ["/admin;x/y", false],
    ["/admin/%3b", false],
    ["/admin/..%2fbuy", false],
    ["/admin/%2e%2e%2fbuy", false],
    ["/admin/%2e%2e/buy", false],
    ["/admin/../buy", false],
    ["/buy/../admin", true],
    ["/admin/%252e%252e/buy", false],
    ["/admin/...", true],
    ["/admin/.well-known", true],
    ["/admin/%00", false],
    ["/admin/%", false],
    ["/admin/%ff", false],
    ["/admin/%c0%ae%c0%ae/buy", false],
    ["/a.b", true],
    ["/aXb", false],
  ];
  for (const [path, bypass] of cases) {
    test(`staticFiles() ${bypass ? "lets" : "does not let"} ${path} bypass by its paths, whatever the method`, () => {
      for (const method of ["GET", "POST", "DELETE"]) {
        assert.equal(bypasses(options, path, { method }), bypass, method);
      }
    });
  }
});

describe("staticFiles() with a test", () => {
  test("staticFiles() asks the test last, also about an ambiguous path", () => {
    const asked: string[] = [];
    const options: StaticFilesOptions = {
      paths: ["/admin"],
      test: (ctx) => {
        asked.push(ctx.path);
        return ctx.request.method === "OPTIONS";
      },
    };
    assert.equal(bypasses(options, "/admin", { method: "OPTIONS" }), true);
    assert.equal(bypasses(options, "/a.css"), true);
    assert.deepEqual(asked, []);
    assert.equal(bypasses(options, "/a;b", { method: "OPTIONS" }), true);
    assert.equal(bypasses(options, "/a;b"), false);
    assert.deepEqual(asked, ["/a;b", "/a;b"]);
  });

  test("staticFiles() takes nothing but true from the test", () => {
    for (const value of [1, "yes", {}, null, undefined]) {
      assert.equal(bypasses({ test: () => value as unknown as boolean }, "/tickets"), false);
    }
    const late = { test: () => Promise.resolve(true) as unknown as boolean };
    assert.throws(() => bypasses(late, "/tickets"), /"test" must answer at once, not by a promise/);
  });

  test("createGate() protects a request about which the test throws", async () => {
    const gate = createGate({
      plugins: [
        staticFiles({
          test: () => {
            throw new Error("a bug");
          },
        }),
        ...closed,
      ],
      onError: () => {},
    });
    const response = await gate(new Request(`${origin}/tickets`), () => new Response("page"));
    assert.equal(response.status, 302);
    assert.equal(gate.errors, 1);
  });
});

describe("staticFiles() in a gate", () => {
  test("createGate() hands a static file on at once and untouched", () => {
    const gate = createGate({ plugins: [staticFiles(), ...closed] });
    const page = new Response("body {}");
    assert.equal(gate(new Request(`${origin}/app.css?v=1`), () => page), page);
    const refused = gate(new Request(`${origin}/tickets`), () => page);
    assert.ok(refused instanceof Response && refused.status === 302);
  });

  test("gate.explain() tells why a request bypasses", async () => {
    const gate = createGate({ plugins: [staticFiles({ paths: ["/admin"] }), ...closed] });
    const file = await gate.explain(new Request(`${origin}/app.css`));
    assert.equal(file.decision.reason, "static-files/unmatched");
    assert.deepEqual(file.steps[0]?.notes, ["a static file by its extension"]);
    const admin = await gate.explain(new Request(`${origin}/admin`));
    assert.deepEqual(admin.steps[0]?.notes, ["the path needs no protection"]);
  });

  test("staticFiles() protects ambiguous targets as a real server hands them over", async () => {
    const gate = createGate({ plugins: [staticFiles({ roots: ["/static"], paths: ["/admin"] }), ...closed] });
    const server = await new Promise<ReturnType<typeof serveNode>>((resolve) => {
      const started = serveNode(
        {
          fetch: gate.wrap(() => new Response("page")),
          port: 0,
          hostname: "127.0.0.1",
          overrideGlobalObjects: false,
        },
        () => resolve(started),
      );
    });
    try {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const targets: readonly [target: string, status: string][] = [
        ["/static/x.css", "200"],
        ["/admin/x", "200"],
        ["/tickets", "302"],
        ["/static/../tickets.css", "302"],
        ["/static/%2e%2e/tickets.css", "302"],
        ["/static/..%2ftickets.css", "400"],
        ["//static/x.css", "302"],
        ["/admin;/x", "302"],
        ["/admin/../tickets", "302"],
        ["/admin/..;/tickets", "400"],
        [`http://127.0.0.1:${port}/admin/../tickets`, "302"],
      ];
      for (const [target, status] of targets) assert.equal(await statusOf(port, target), status, target);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });
});

/** The status of the answer to a target that is sent as it stands. */
function statusOf(port: number, target: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    });
    let answer = "";
    socket.on("data", (chunk) => answer += chunk).on("error", reject);
    socket.on("close", () => resolve(answer.split(" ")[1]));
  });
}

describe("staticFiles() with hostile input", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "/",
      ".",
      "..",
      "%2f",
      "%2F",
      "%5c",
      "\\",
      ";",
      "//",
      "%00",
      "%",
      "%2e",
      "%252e",
      "%3b",
      "?",
      "#",
      "admin",
      "x.css",
    ),
    fc.string(),
    fc.string({ unit: "binary" }),
  );
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join("")}`);

  test("staticFiles() never throws, and never lets through what an application could read as another path", () => {
    fc.assert(
      fc.property(path, (path) => {
        const options: StaticFilesOptions = { paths: ["/admin"] };
        for (const url of [new URL(origin + path).href, origin + path]) {
          if (!bypassesRaw(options, url)) continue;
          const written = url.slice(origin.length).split(/[?#]/)[0] ?? "";
          const decoded = decodeURIComponent(written);
          assert.doesNotMatch(decoded, /[\p{Cc};?#\\]|\/\//u);
          assert.ok(!decoded.split("/").some((segment) => segment === "." || segment === ".."));
          assert.equal(decoded.split("/").length, written.split("/").length);
          assert.match(decoded, /^\/admin(?:\/|$)|\.[a-z\d]+$/i);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("staticFiles() decides the same whatever the query is, but for the parameters of client routers", () => {
    fc.assert(fc.property(path, fc.string(), (path, query) => {
      const bare = new URL(origin + path);
      bare.search = bare.hash = "";
      const full = new URL(bare);
      full.search = query;
      const options: StaticFilesOptions = { paths: ["/admin"], roots: ["/x"] };
      assert.equal(bypassesRaw(options, full.href), bypassesRaw(options, bare.href));
    }));
  });

  test("staticFiles() copes with a giant path", () => {
    assert.equal(bypasses({}, `/${"a".repeat(1_000_000)}.css`), true);
    assert.equal(bypasses({}, `/a.${"c".repeat(1_000_000)}`), false);
    assert.equal(bypasses({}, `/${"%41".repeat(100_000)}.css`), true);
    assert.equal(bypasses({}, `/${"a/".repeat(100_000)}`), false);
  });
});

describe("staticFiles() with wrong options", () => {
  const cases: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [null, TypeError, "Cannot create static-files plugin: options must be an object, received null"],
    [
      { extension: ["css"] },
      TypeError,
      'unknown option "extension", the options are extensions, roots, paths, wellKnown, test',
    ],
    [
      { extensions: "css" },
      TypeError,
      '"extensions" must be a list of extensions without their dot, such as "css", received "css"',
    ],
    [{ extensions: [7] }, TypeError, "received 7"],
    [{ extensions: [".css"] }, RangeError, 'without their dot, such as "css", received ".css"'],
    [{ extensions: ["tar.gz"] }, RangeError, 'received "tar.gz"'],
    [{ extensions: [""] }, RangeError, 'received ""'],
    [{ extensions: ["c ss"] }, RangeError, 'received "c ss"'],
    [{ extensions: ["a/b"] }, RangeError, 'received "a/b"'],
    [
      { roots: "/assets" },
      TypeError,
      '"roots" must be a list of decoded paths that start with "/", such as "/assets", received "/assets"',
    ],
    [{ roots: ["assets"] }, RangeError, 'received "assets"'],
    [{ roots: [] }, RangeError, '"roots" must be a list of paths, or left out'],
    [{ paths: ["admin"] }, RangeError, '"paths" must be a list of decoded paths that start with "/"'],
    [{ paths: ["/"] }, RangeError, '"paths" must be a list of paths other than "/"'],
    [{ paths: ["/caff%C3%A8"] }, RangeError, 'received "/caff%C3%A8"'],
    [{ paths: ["/a//b"] }, RangeError, 'received "/a//b"'],
    [{ paths: ["/a/../b"] }, RangeError, 'received "/a/../b"'],
    [{ paths: ["/a;b"] }, RangeError, 'received "/a;b"'],
    [{ paths: ["/a?b"] }, RangeError, 'received "/a?b"'],
    ...[
      "/api/*",
      "/api/**",
      "/api/:id",
      "/api/{a,b}",
      "/api/[id]",
      "/api/.+",
      "/api/(?:a)",
      "/api/a|b",
      "/api/x$",
      "/api/\\d",
    ]
      .map((path): typeof cases[number] => [
        { paths: ["/ok", path] },
        RangeError,
        '"paths" must be a list of paths, each of which stands for all that is below it, not of patterns, such as "/api", received',
      ]),
    [
      { roots: ["/assets/*.css"] },
      RangeError,
      'not of patterns, such as "/assets", received "/assets/*.css"',
    ],
    [{ paths: ["/*"] }, RangeError, 'not of patterns, received "/*"'],
    [{ paths: ["*"] }, RangeError, 'not of patterns, received "*"'],
    [{ extensions: ["*css"] }, RangeError, 'received "*css"'],
    [{ extensions: ["{css,js}"] }, RangeError, 'received "{css,js}"'],
    [{ extensions: ["css|js"] }, RangeError, 'received "css|js"'],
    [{ paths: [undefined] }, TypeError, "received undefined"],
    [{ test: /x/ }, TypeError, '"test" must be a function, received {}'],
  ];
  for (const [options, error, message] of cases) {
    test(`staticFiles() refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => staticFiles(options as StaticFilesOptions), (thrown: unknown) => {
        assert.ok(thrown instanceof error);
        assert.ok(thrown.message.startsWith("Cannot create static-files plugin: "));
        assert.ok(thrown.message.includes(message), thrown.message);
        return true;
      });
    });
  }
});
