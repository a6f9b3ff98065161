/**
 * A stand-in for CrowdHandler's API that answers at once and promotes everybody, in a process of its own. It ends
 * when nobody holds its standard input any more.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { room, token } from "./_crowdhandler.ts";

const rooms = JSON.stringify({ result: [room] });
const promoted = JSON.stringify({
  result: {
    status: 1,
    promoted: 1,
    position: 0,
    token: token(0),
    slug: room.slug,
    title: "Hall",
    ttl: null,
    responseID: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    requested: "2030-01-15T12:00:00Z",
    hash: null,
    deployment: null,
    rate: 0,
    onsale: room.queueActivatesOn,
  },
});

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    const body = request.url?.startsWith("/v1/rooms") ? rooms : promoted;
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on("end", () => process.exit(0));
// Even if something goes wrong, it does not stay.
setTimeout(() => process.exit(0), 120_000).unref();
