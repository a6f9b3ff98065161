// A service may repeat whatever it was sent, in whatever member and form: the doctor prints none of it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createCurtain } from "../../cli/curtain.ts";
import { address, page, surgery } from "./_doctor.ts";
import { configuration, integration, onPath, stanchion } from "./_run.ts";

const publicKey = "9f2c7c1d5b0e4a6f8d3b2a1908f7e6d5c4b3a2918070605f4e3d2c1b0a998877";
const privateKey = "priv_3b1f0c9a7d5e42668f10aa55cc77ee99";
const apiKey = "Api'Key(1)\"with\\odd/chars+=";
const secretKey = "4e1db821-a825-49da-acd0-5d376f2068db";
const tokens = {
  page: "tok_7pDi5dRB2nUi",
  given: "tok_6ihQ7XNw0GmS",
  cookie: "tok_9zzQ7XNw0GmS",
  queueIt: "e_gala~q_944c1f44-60dd-4e37-aabc-f3e4bb1c8895~ts_1700000180~h_0123abcd",
  session: "c29tZS1zZXNzaW9uLWlk",
  bearer: "eyJhbGciOiJIUzI1NiJ9.e30.dBjftJeZ4CVP",
  mail: "jane.doe@mail.example",
};

/** All that is sent, and the forms in which a service may write it. */
const secrets = [publicKey, privateKey, apiKey, secretKey, ...Object.values(tokens)];
const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => secret.toUpperCase(),
  encodeURIComponent,
  (secret) => encodeURIComponent(encodeURIComponent(secret)),
  (secret) => JSON.stringify(secret),
  (secret) => JSON.stringify(JSON.stringify(secret)),
  (secret) => `a${secret}b`,
  (secret) => `${"a".repeat(40)}${secret}`,
  // Where a message quotes so much of a text, it ends within the secret.
  (secret) => `${"a".repeat(44)}${secret}`,
  (secret) => `${"a".repeat(20)}${secret}`,
  (secret) => `${"a".repeat(499)}${secret}`,
  (secret) => `${"a".repeat(285)}${secret}`,
  (secret) => `${secret}${secret}`,
];

const url = `${page}?page=2&CH-id=${tokens.page}&queueittoken=${encodeURIComponent(tokens.queueIt)}` +
  `&who=${encodeURIComponent(tokens.mail)}&c=${tokens.session}`;
const sent = [
  "--url",
  url,
  ...address,
  "--visit",
  "--header",
  `authorization: Bearer ${tokens.bearer}`,
  "--cookie",
  `crowdhandler=${encodeURIComponent(JSON.stringify({ tokens: [{ token: tokens.cookie }] }))}`,
];

/** Fails where a secret, or so much of it that it is told, stands in what was printed. */
function assertClean(printed: string): void {
  const plain = printed.toLowerCase();
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      const head = form.slice(0, 14).toLowerCase();
      const place = plain.indexOf(head);
      assert.equal(place, -1, plain.slice(Math.max(0, place - 60), place + 60));
    }
  }
}

describe("stanchion doctor", () => {
  for (const [at, form] of forms.entries()) {
    test(`prints nothing that CrowdHandler repeats of what it was sent, in the form ${at}`, async () => {
      const rooms = secrets.filter((each) => each !== apiKey && each !== secretKey).flatMap((secret) => {
        const said = form(secret);
        const room = {
          slug: said,
          domain: "https://shop.example.com",
          patternType: "contains",
          urlPattern: said,
        };
        return [
          { ...room, urlPattern: "/tickets" },
          room,
          { ...room, patternType: said },
          { ...room, patternType: "regex", urlPattern: `(${said}` },
          { ...room, domain: `https://${said}` },
        ];
      });
      for (const [place, token] of [tokens.page, publicKey].entries()) {
        const result = { status: 1, promoted: 0, token: tokens.page, slug: form(token), position: 5 };
        const network = {
          ...quiet,
          fetch: (asked: string) =>
            Promise.resolve(Response.json({ result: asked.endsWith("/v1/rooms") ? rooms : result })),
        };
        const env = { STANCHION_PUBLIC_KEY: publicKey, STANCHION_PRIVATE_KEY: privateKey };
        const more = place % 2 === 0 ? ["--json"] : [];
        const args = ["doctor", "crowdhandler", ...sent, "--token", tokens.given, ...more];
        const { out, err } = await stanchion(args, {}, env, { network });
        assert.match(out, /redacted/, err);
        assertClean(out + err);
      }
    });

    test(`prints nothing that Queue-it repeats of what it was sent, in the form ${at}`, async () => {
      const known = secrets.filter((each) => ![publicKey, privateKey, tokens.given].includes(each)).map(form);
      const text = configuration(
        known.flatMap((said) => [
          integration(said, [{ ...onPath(said), UrlPart: said, Operator: said, ValidatorType: said }]),
          integration("odd", [onPath(`http://${said}`), { ...onPath(said), IsNegative: said }], {
            ActionType: said,
          }),
          integration("unusable", [onPath("/x")], { EventId: [said], QueueDomain: said }),
          integration(`${said} too`, [onPath("/tickets")], { LayoutName: said, Culture: said }),
        ]),
        Object.fromEntries(known.map((said) => [said, said])),
      );
      const network = {
        ...quiet,
        fetch: (asked: string) =>
          Promise.resolve(asked.includes("/status/") ? new Response(text) : new Response(known.join("\n"))),
      };
      const env = { STANCHION_API_KEY: apiKey, STANCHION_SECRET_KEY: secretKey };
      for (const more of [["--json"], []]) {
        const args = ["doctor", "queue-it", ...sent, "--customer-id", "example", ...more];
        const { out, err } = await stanchion(args, {}, env, { network });
        assert.match(out, /redacted/, err);
        assertClean(out + err);
      }
    });
  }

  test("prints nothing that an answer of another kind repeats", async () => {
    const services = [
      ["crowdhandler", [apiKey, secretKey], { PUBLIC: publicKey, PRIVATE: privateKey }],
      ["queue-it", [publicKey, privateKey], { API: apiKey, SECRET: secretKey }],
    ] as const;
    for (const [service, unknown, keys] of services) {
      // What was not handed to the doctor is sent to nobody.
      const said = secrets.filter((each) => !unknown.some((other) => other === each)).join(" ");
      const env = Object.fromEntries(
        Object.entries(keys).map(([name, key]) => [`STANCHION_${name}_KEY`, key]),
      );
      const more = service === "queue-it" ? ["--customer-id", "example"] : [];
      const args = ["doctor", service, ...sent, "--token", tokens.given, ...more];
      const bodies = [
        said,
        `<html>${said}`,
        JSON.stringify(said),
        JSON.stringify({ [said]: said }),
        `[${said}`,
      ];
      for (const body of bodies) {
        for (const status of [200, 302, 403, 500]) {
          const headers = { date: tokens.page, location: `/?${tokens.page}`, "retry-after": tokens.page };
          const fetch = () => Promise.resolve(new Response(body, { status, headers }));
          const { code, out, err } = await stanchion(args, {}, env, { network: { ...quiet, fetch } });
          assert.equal(code, 1);
          assertClean(out + err);
        }
      }
    }
  });

  test("still tells words of the page that are no secrets", async () => {
    const { examine, sandbox } = surgery({
      rooms: [{ slug: "tickets", domain: "https://shop.example.com" }],
    });
    const args = ["crowdhandler", "--url", `${page}?q=tickets&sort=date&id=5`, ...address];
    const { out } = await examine(args, { env: { STANCHION_PUBLIC_KEY: sandbox.publicKey } });
    assert.match(out, /The room \\"tickets\\" covers the page/);
  });
});

/** A network without sockets. */
const quiet = {
  lookup: () => Promise.resolve(["203.0.113.5"]),
  connect: () => Promise.resolve({ connectMs: 3, tls: undefined }),
  fetch: () => Promise.reject(new TypeError("fetch failed")),
};

test("stanchion explain prints no secret key that a configuration repeats, nor the beginning of it", async () => {
  for (const form of forms) {
    const said = form(secretKey);
    const text = configuration([
      integration(said, [onPath(said)]),
      integration("unusable", [onPath("/tickets")], { EventId: [said], QueueDomain: said }),
    ]);
    for (const more of [["--json"], []]) {
      const args = ["explain", "--config", "config.json", "--secret-key-file", "key", "--url", page, ...more];
      const { out, err } = await stanchion(args, { "config.json": text, key: secretKey });
      assert.ok(out + err !== "");
      assert.ok(!(out + err).toLowerCase().includes(secretKey.slice(0, 14)), out + err);
    }
  }
});

describe("createCurtain()", () => {
  test("leaves out secrets that overlap or begin alike, and nothing else", () => {
    const curtain = createCurtain();
    for (const secret of ["abcdefghijklmnop", "mnopqrstuvwxyz", "abc", "abcdefghijklXYZ", undefined]) {
      curtain.add(secret);
    }
    const table: readonly (readonly [text: string, hidden: string])[] = [
      ["1 abcdefghijklmnop 2", "1 [redacted] 2"],
      ["abcdefghijklmnopqrstuvwxyz.", "[redacted]."],
      ["ABCDEFGHIJKLxyz!", "[redacted]!"],
      ["abcdefghijklm-", "[redacted]-"],
      ["abcdefghijk", "abcdefghijk"],
      ["abcdefghijklabcdefghijkl", "[redacted][redacted]"],
      ["İ abcdefghijklmnop İ", "İ [redacted] İ"],
      ["", ""],
    ];
    for (const [text, hidden] of table) assert.equal(curtain.hide(text), hidden);
    assert.deepEqual(curtain.hideIn({ a: ["mnopqrstuvwxyz", 5, null, true], "x mnopqrstuvwxyz": "" }), {
      a: ["[redacted]", 5, null, true],
      "x [redacted]": "",
    });
  });
});
