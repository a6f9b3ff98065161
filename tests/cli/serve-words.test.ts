import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inWordsOfServe } from "../../cli/serve/words.ts";
import type { GatewayConfig } from "../../gateway/config.ts";
import { built } from "../gateway/_built.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A call or an option as it stands in code. */
const code =
  /\b(?:createGate|clientIp|redisStore|memoryStore|platform|waitingRoom|crowdhandler|queueIt|fail(?:Open|Closed))\(|publicHosts|trustedProxies|forwardedHost|secretKeys|"(?:apiKey|privateKey|publicKey|visitor)"/;

/** What only code that makes its own gate can bring about. */
const unreachable: readonly RegExp[] = [
  // The gateway's list of plugins is whole.
  /add (?:a provider|failOpen)/,
  /were given to the gate and to a provider/,
  // It signs with a key of its own, or with the store's, and has no lottery.
  /there are no secretKeys/,
  /"secretKeys" must be given/,
  /lottery/,
  // Other options of code, and what only its types let through.
  /such as (?:memoryStore\(\)|waitingRoom\()/,
  /given together with "trustedProxies"/,
  /Deno KV/,
  // The gateway gives CrowdHandler no "parameters".
  /^"parameters" returned/,
];

/** Gates as the gateway makes them, whose warnings are kept as they are logged. */
function told(config: Partial<GatewayConfig>) {
  const lines: string[] = [];
  const warn = (message: string) => void lines.push(inWordsOfServe(message));
  return { ...built({ to: "http://127.0.0.1:1", rate: 60, ...config }, {}, warn), lines };
}

test("What plugins and the gate may say has no words of code left for who runs stanchion serve", () => {
  const folders =
    "{client-ip,crowdhandler,queue-it,waiting-room,static-files,failure-policy,problem-answers}";
  const sources = globSync(["src/**/*.ts", `plugins/${folders}{.ts,/**/*.ts}`], { cwd: root });
  const literals = sources.flatMap((file) =>
    readFileSync(root + file, "utf8").split("\n")
      .filter((line) => !/^\s*(?:\*|\/[/*]|import |export .* from )/.test(line))
      .flatMap((line) => [...line.matchAll(/'[^']+'|`[^`]+`|"[^"]+"/g)].map(([text]) => text.slice(1, -1)))
      // Sentences, and no names.
      .filter((text) => / \S+ /.test(text) && code.test(text))
  );
  assert.ok(literals.length > 10, `${literals.length} messages`);
  const left = literals.map(inWordsOfServe).filter((text) =>
    code.test(text) && !unreachable.some((each) => each.test(text))
  );
  assert.deepEqual(left, []);
});

test("The gateway's warning about a proxy that encrypts names the flags", async () => {
  const { gate, lines, close } = told({});
  const headers = { "x-forwarded-proto": "https" };
  await gate(new Request("http://shop.example.com/tickets", { headers }), () => new Response("page"));
  close();
  assert.match(
    lines.join("\n"),
    /tell it the hosts of your site, --public-host shop\.example\.com, or .* --trusted-proxies 1 --forwarded-host$/m,
  );
  assert.match(
    lines.join("\n"),
    /the connection does not tell it, and --trusted-proxies allows no other source/,
  );
});

test("The gateway's warning about hosts of CrowdHandler names the flag", async () => {
  const { gate, lines, close } = told({
    provider: "crowdhandler",
    rate: undefined,
    publicKey: "0123456789abcdef",
    apiUrl: "http://127.0.0.1:1",
  });
  await gate(new Request("http://shop.example.com/tickets"), () => new Response("page"));
  close();
  assert.match(
    lines.join("\n"),
    /--public-host is not set, so any host [^;]*"shop\.example\.com"; give it the hosts of your site, if that is one: --public-host shop\.example\.com$/m,
  );
  assert.doesNotMatch(lines.join("\n"), code);
});

test("inWordsOfServe() names the host that a request had, where rules look at it", () => {
  const said =
    "queue-it: rules look at the host; give createGate() the hosts of your site, if that is one: " +
    'publicHosts: ["shop.example"]';
  assert.equal(
    inWordsOfServe(said),
    "queue-it: rules look at the host; give it the hosts of your site, if that is one: --public-host shop.example",
  );
});

test("What a plugin refuses of a configuration is told by the option, and by the member of the file", () => {
  const table: readonly (readonly [config: Partial<GatewayConfig>, message: RegExp])[] = [
    [{ publicHosts: ["a/b"] }, /^--public-host, or "publicHosts" in a file, must be .*"a\/b"/],
    [{ opensAt: "2027-13-01T09:00:00Z" }, /^--opens-at, or "opensAt" in a file, must be a date/],
    [{ bypass: ["/a#b"] }, /^--bypass, or "bypass" in a file, must be a list .*"\/a#b"$/],
    [{ trustedProxies: ["nobody"] }, /^--trusted-proxies, or "trustedProxies" in a file, must be/],
    [
      { forwardedHost: true },
      /^--forwarded-host, or "forwardedHost" in a file, must be given together with --trusted-proxies/,
    ],
    [
      {
        rate: undefined,
        rooms: [{ name: "a", rate: 1 }, { name: "b", rate: 1, opensAt: "2027-13-01T09:00:00Z" }],
      },
      /^"rooms\[1\]\.opensAt" in the configuration must be a date/,
    ],
  ];
  for (const [config, message] of table) {
    assert.throws(() => told(config), (error) => {
      assert.match(inWordsOfServe(error instanceof Error ? error.message : ""), message);
      return true;
    });
  }
});

test("inWordsOfServe() leaves what the gateway itself says as it is", () => {
  for (const said of ["The board is at http://127.0.0.1:8081/board.", 'serve: "rate" must be a number']) {
    assert.equal(inWordsOfServe(said), said);
  }
});
