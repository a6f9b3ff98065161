/** A program with everything that goes on in the background, which is not closed: it must end by itself. */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { cookieTokens, createGate, failOpen } from "../../mod.ts";
import { modeSwitch } from "../../plugins/mode-switch/mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { fileSource, pulledSource, queueIt } from "../../plugins/queue-it/mod.ts";

const [url = "", limit] = process.argv.slice(2);
const timeoutMs = Number(limit);
const quiet = { timeoutMs, warn: () => {} };
const pulled = pulledSource({
  customerId: "example",
  apiKey: "key",
  url,
  refreshMs: 60_000,
  retryMs: 60_000,
  ...quiet,
});
const file = fileSource(() => readFile(new URL("../../package.json", import.meta.url), "utf8"), {
  warn: () => {},
});
const modes = modeSwitch({
  storage: { getItem: () => new Promise(() => {}), setItem() {} },
  timeoutMs: 30,
  onError: () => {},
});
const hanging = modeSwitch({ storage: { getItem: () => "off", setItem() {} } });

const secret = { customerId: "example", secretKeys: ["key"], onConfiguration: () => {} };
const onError = () => {};
const gates = [
  createGate({
    mode: () => (modes.mode(), "enforce"),
    plugins: [cookieTokens(), failOpen(), queueIt({ ...secret, integrationConfig: pulled })],
    onError,
  }),
  createGate({
    plugins: [
      cookieTokens(),
      failOpen(),
      crowdhandler({
        publicKey: "9f2c7c1d5b0e4a6f".repeat(4),
        apiUrl: url,
        mode: "hybrid",
        privateKey: "1".repeat(64),
        publicHosts: ["shop.example"],
        timeoutMs,
      }),
    ],
    onError,
  }),
  createGate({
    plugins: [cookieTokens(), failOpen(), queueIt({ ...secret, integrationConfig: file })],
    onError,
  }),
];
const answers = await Promise.all(
  gates.map((gate) => gate(new Request("https://shop.example/"), () => new Response("page"))),
);
await hanging.poll();
const words = answers.slice(0, 2).map((answer) => answer.status === 200 ? "admit" : `${answer.status}`);
console.log(...words, "enforce", hanging.mode());
