const { default: formbody } = await import("@fastify/formbody");
app.register(formbody);
app.get("/open", () => "open page");
app.get("/tickets", (_request, reply) => {
  reply.header("set-cookie", "own=1").header("cache-control", "public, max-age=60").send("protected page");
});
app.post("/tickets", (request) => `bought ${request.body.seat}`);
app.get("/tickets/error", () => {
  throw new Error("broken");
});
const { PassThrough } = await import("node:stream");
const streams = [];
app.get("/tickets/stream", (_request, reply) => {
  const stream = new PassThrough();
  stream.write("one");
  streams.push(stream);
  return reply.type("text/plain").send(stream);
});
app.get("/more", () => {
  for (const stream of streams.splice(0)) stream.end("two");
  return "";
});
