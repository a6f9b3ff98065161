/**
 * A healthy CrowdHandler in a process of its own: `<least ms> <most ms> <each ms>`. It promotes whose token ends in an even digit,
 * and nobody else. With a third number it sees to one call after the other, so long to each, whether or not anybody still waits for
 * its answer. It prints its port, and on each line of its input how many it has answered since.
 */

import { createServer } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";

const [leastMs = 0, mostMs = 0, eachMs = 0] = process.argv.slice(2).map(Number);
let answered = 0;
let freeAt = 0;

/** How long a call takes, in milliseconds. */
function tookMs(): number {
  if (eachMs === 0) return leastMs + (answered * 7919 % 1000) / 1000 * (mostMs - leastMs);
  const now = performance.now();
  freeAt = Math.max(now, freeAt) + eachMs;
  return freeAt - now;
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const token = /tok\w+/.exec(request.url ?? "")?.[0] ?? "tok00000001";
  const promoted = /[02468]$/.test(token) ? 1 : 0;
  const body = JSON.stringify({
    result: { status: promoted, promoted, token, slug: "hall", responseID: "0a1b" },
  });
  setTimeout(() => {
    answered++;
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  }, tookMs());
});

// A healthy service takes a crowd's connections, as far as the system lets it.
server.listen({ port: 0, host: "127.0.0.1", backlog: 8192 }, () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" ? address?.port : 0}`);
});

createInterface({ input: process.stdin })
  .on("line", () => console.log(`answered ${answered}`, answered = 0))
  .on("close", () => process.exit(0));
