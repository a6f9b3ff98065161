const streams = [];
app.get("/open", () => "open page");
app.get("/tickets", ({ res }) => {
  res.headers.set("cache-control", "public, max-age=60");
  res.headers.append("set-cookie", "own=1");
  return "protected page";
});
app.post("/tickets", async ({ req }) => `bought ${(await req.formData()).get("seat")}`);
app.get("/tickets/error", () => {
  throw new Error("broken");
});
app.get("/tickets/stream", () => {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode("one"));
      await new Promise((resolve) => streams.push(resolve));
      controller.enqueue(encoder.encode("two"));
      controller.close();
    },
  });
});
app.get("/more", () => {
  for (const end of streams.splice(0)) end();
  return "";
});
