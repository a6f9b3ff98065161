const { bodyParser } = await import("@koa/bodyparser");
const { default: Router } = await import("@koa/router");
const { PassThrough } = await import("node:stream");
app.silent = true;
const router = new Router();
const streams = [];
router.get("/open", (ctx) => void (ctx.body = "open page"));
router.get("/tickets", (ctx) => {
  ctx.cookies.set("own", "1");
  ctx.set("cache-control", "public, max-age=60");
  ctx.body = "protected page";
});
router.post("/tickets", (ctx) => void (ctx.body = `bought ${ctx.request.body.seat}`));
router.get("/tickets/error", () => {
  throw new Error("broken");
});
router.get("/tickets/stream", (ctx) => {
  const stream = new PassThrough();
  stream.write("one");
  streams.push(stream);
  ctx.body = stream;
});
router.get("/more", (ctx) => {
  for (const stream of streams.splice(0)) stream.end("two");
  ctx.body = "";
});
app.use(bodyParser()).use(router.routes());
