const streams = (server.streams ??= []);
let path = request.url.split(/[?#]/)[0];
try {
  path = decodeURIComponent(path);
} catch {
  // It stays as it was sent.
}
if (path === "/open") return response.end("open page");
if (path === "/tickets/error") return response.writeHead(500).end("broken");
if (path === "/tickets/stream") {
  response.write("one");
  return streams.push(() => response.end("two"));
}
if (path === "/more") {
  for (const end of streams.splice(0)) end();
  return response.end();
}
if (path !== "/tickets") return response.writeHead(404).end();
if (request.method === "GET") {
  response.writeHead(200, { "set-cookie": "own=1", "cache-control": "public, max-age=60" });
  return response.end("protected page");
}
let body = "";
request.setEncoding("utf8").on("data", (piece) => body += piece);
request.on("end", () => response.end(`bought ${new URLSearchParams(body).get("seat")}`));
