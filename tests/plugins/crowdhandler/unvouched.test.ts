/** Gates whose public hosts nobody gave: the host of a page is the visitor's word. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { hybridBench, queued } from "./_helpers.ts";

/** Whether the room of shop.example.com covers a page that is asked for under this host. */
async function isCovered(host: string): Promise<boolean> {
  const bench = hybridBench({
    options: { publicHosts: undefined as never },
    // Where the pages are http, no browser would keep a secure cookie.
    plugins: [cookieTokens({ secure: false })],
    answers: { requests: queued },
  });
  const { decision } = await bench.visit(`http://${host}/tickets`);
  return decision?.reason === "crowdhandler/queued";
}

test("crowdhandler() covers pages that are asked for by an address, which is the name of no site", async () => {
  for (
    const host of [
      "shop.example.com",
      "localhost",
      "localhost:8080",
      "127.0.0.1",
      "10.11.12.13:8080",
      "[::1]",
      "[fd00::12:34]:8443",
    ]
  ) {
    assert.equal(await isCovered(host), true, host);
  }
});

test("crowdhandler() takes a host that has a name for that site", async () => {
  for (
    const host of [
      "www.example.com",
      "localhost.example.com",
      "my-localhost",
      "1.example.com",
      "example.com1",
      "www.example.com:8080",
      "10.0.0.1.example",
    ]
  ) {
    assert.equal(await isCovered(host), false, host);
  }
});
