const streams = [];
app.get("/open", () => "open page");
app.get("/tickets", ({ set }) => {
  set.headers["cache-control"] = "public, max-age=60";
  set.headers["set-cookie"] = "own=1";
  return "protected page";
});
app.post("/tickets", ({ body }) => `bought ${body.seat}`);
app.get("/tickets/error", () => {
  throw new Error("broken");
});
app.get("/tickets/stream", async function* () {
  yield "one";
  await new Promise((resolve) => streams.push(resolve));
  yield "two";
});
app.get("/more", () => {
  for (const end of streams.splice(0)) end();
  return "";
});
