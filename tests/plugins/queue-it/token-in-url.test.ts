import assert from "node:assert/strict";
import { test } from "node:test";
import { takeToken } from "../../../plugins/queue-it/protocol/token-in-url.ts";

const site = "https://shop.example/p";

test("takeToken() takes every token out of the query, gives the first, and leaves all other bytes", () => {
  const table: [query: string, kept: string, token: string][] = [
    ["", "", ""],
    ["?", "?", ""],
    ["?a=1", "?a=1", ""],
    ["?queueittoken=t", "", "t"],
    ["?queueittoken=t&", "", "t"],
    ["?queueittoken=t&a=1", "?a=1", "t"],
    ["?a=1&queueittoken=t", "?a=1", "t"],
    ["?a=1&queueittoken=t&b=2", "?a=1&b=2", "t"],
    ["?a=1&b=2&queueittoken=t&c=3&d=4", "?a=1&b=2&c=3&d=4", "t"],
    ["?a=1&queueittoken=t&queueittoken=u&b=2", "?a=1&b=2", "t"],
    ["?queueittoken=t&a=1&queueittoken=u", "?a=1", "t"],
    ["?queueittoken=&queueittoken=u", "", ""],
    ["?queueittoken&a=1", "?a=1", ""],
    ["?queueittoken", "", ""],
    ["?QueueITToken=t&a=1", "?a=1", "t"],
    ["?queueittoken=a%20b%7Ec", "", "a b~c"],
    ["?queueittoken=%zz&a=1", "?a=1", ""],
    ["?queueittoken=a=b=c", "", "a=b=c"],
    ["?a=%zz&&b=+&queueittoken=t&&c", "?a=%zz&&b=+&&c", "t"],
    ["?%71ueueittoken=t&a=1", "?a=1", "t"],
    ["?a=1&%51%75eueITtoke%6E=t%20u", "?a=1", "t u"],
    ["?queueittoke%6e", "", ""],
    ["?queueittoke%6", "?queueittoke%6", ""],
    ["?queueittoke%6&n=t", "?queueittoke%6&n=t", ""],
    ["?queueittoke%zz=t", "?queueittoke%zz=t", ""],
    ["?queueittoken%3Dt", "?queueittoken%3Dt", ""],
    ["?%2571ueueittoken=t", "?%2571ueueittoken=t", ""],
    ["?queueittokens=t", "?queueittokens=t", ""],
    ["?queueittokex=t", "?queueittokex=t", ""],
    ["?xqueueittoken=t", "?xqueueittoken=t", ""],
    ["?queueittoke=t", "?queueittoke=t", ""],
    ["?queueit=t", "?queueit=t", ""],
    ["?1ueueittoken=t", "?1ueueittoken=t", ""],
    ["?q=queueittoken=t", "?q=queueittoken=t", ""],
    ["?a=1?queueittoken=t", "?a=1?queueittoken=t", ""],
    ["?queueittoken=t#here", "#here", "t"],
    ["?a=1&queueittoken=t#here", "?a=1#here", "t"],
    ["?queueittoken=t&a=1#x&queueittoken=u", "?a=1#x&queueittoken=u", "t"],
    ["?a=1#queueittoken=u", "?a=1#queueittoken=u", ""],
    ["?a=1#&queueittoken=u", "?a=1#&queueittoken=u", ""],
    ["#?queueittoken=t", "#?queueittoken=t", ""],
    ["#queueittoken=t", "#queueittoken=t", ""],
    ["?#queueittoken=t", "?#queueittoken=t", ""],
  ];
  for (const [query, kept, token] of table) {
    assert.deepEqual(takeToken(site + query), { url: site + kept, token }, query);
  }
});
