import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { nodeFetch } from "../bench/_node-fetch.ts";

async function withServer(
  answer: (response: ServerResponse, body: string, path: string) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => body += part);
    request.on(
      "end",
      () => answer(response, `${request.method} ${request.headers["x-api-key"]} ${body}`, request.url ?? ""),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("nodeFetch() sends method, headers and body, and gives status, length and text", () =>
  withServer(
    (response, said) => response.writeHead(201, { "content-length": said.length }).end(said),
    async (url) => {
      const response = await nodeFetch(`${url}/a`, {
        method: "POST",
        headers: { "x-api-key": "key" },
        body: "{}",
      });
      assert.equal(response.status, 201);
      assert.equal(response.headers.get("content-length"), "11");
      assert.equal(await response.text(), "POST key {}");
    },
  ));

test("nodeFetch() does not follow redirects and understands answers without a body", () =>
  withServer((response, _, path) => {
    if (path === "/empty") response.writeHead(204).end();
    else response.writeHead(302, { location: "/empty" }).end();
  }, async (url) => {
    assert.equal((await nodeFetch(`${url}/`, {})).status, 302);
    assert.equal((await nodeFetch(`${url}/empty`, {})).status, 204);
  }));

test("nodeFetch() rejects answers that are cut off or too long, and connections that fail", () =>
  withServer((response, _, path) => {
    if (path === "/long") response.end("x".repeat(70_000));
    else response.writeHead(200, { "content-length": 10 }).write("x", () => response.destroy());
  }, async (url) => {
    await assert.rejects(nodeFetch(`${url}/long`, {}));
    await assert.rejects(nodeFetch(`${url}/cut`, {}));
    await assert.rejects(nodeFetch("http://127.0.0.1:1/", {}));
  }));

test("nodeFetch() gives up when the signal says so, before the answer and within it", () =>
  withServer((response, _, path) => {
    if (path === "/stall") response.writeHead(200, { "content-length": 10 }).write("x");
  }, async (url) => {
    for (const path of ["/silent", "/stall"]) {
      await assert.rejects(nodeFetch(url + path, { signal: AbortSignal.timeout(20) }));
    }
  }));
