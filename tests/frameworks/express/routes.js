app.use(express.urlencoded({ extended: true }));
app.get("/open", (_request, response) => response.send("open page"));
app.get("/tickets", (_request, response) => {
  response.cookie("own", "1").set("cache-control", "public, max-age=60").send("protected page");
});
app.post("/tickets", (request, response) => response.send(`bought ${request.body.seat}`));
app.get("/tickets/error", () => {
  throw new Error("broken");
});
const streams = [];
app.get("/tickets/stream", (_request, response) => {
  response.type("text").write("one");
  streams.push(() => response.end("two"));
});
app.get("/more", (_request, response) => {
  for (const end of streams.splice(0)) end();
  response.end();
});
