// Webhooks over the platform's own network: a receiver that takes them, leads elsewhere, hangs, or is gone.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { roomWebhooks } from "../../plugins/waiting-room/webhooks/mod.ts";
import { serve, type Served } from "../src/_serve.ts";

const secret = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

/** A receiver, and what came to it. */
async function receiver(t: TestContext, answer: (request: Request) => Response | Promise<Response>) {
  const came: { readonly event: string; readonly signature: string | null }[] = [];
  const server = await serve(async (request: Request) => {
    const { event } = await request.json() as { readonly event: string };
    came.push({ event, signature: request.headers.get("webhook-signature") });
    return await answer(request);
  });
  t.after(() => server.close());
  return { came, url: `${server.url}/hooks`, server };
}

/** A room that is paused, which is told to a receiver. */
async function paused(url: string, timeoutMs = 30_000) {
  const { rooms } = waitingRoom({ admitPerMinute: 60, store: memoryStore(), warn() {} });
  const errors: string[] = [];
  const onError = ({ message }: Error) => void errors.push(message);
  const hooks = roomWebhooks({ rooms, url, secrets: [secret], timeoutMs, onError });
  await hooks.look();
  await rooms[0].change({ mode: "paused" }, { by: "a test", revision: 0 });
  await hooks.look();
  return { health: hooks.health?.(), errors };
}

test("a receiver is told, with a signature", async (t) => {
  const { came, url } = await receiver(t, () => new Response("thank you"));
  const { health, errors } = await paused(url);
  assert.deepEqual(came.map(({ event }) => event), ["paused"]);
  assert.match(came[0]?.signature ?? "", /^v1,[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual([health?.["sent"], errors], [1, []]);
});

test("a redirect is not followed, so nobody else is told", async (t) => {
  const other = await receiver(t, () => new Response());
  for (const status of [301, 302, 303, 307, 308]) {
    const { url } = await receiver(t, () => new Response(null, { status, headers: { location: other.url } }));
    const { health, errors } = await paused(url);
    assert.deepEqual([health?.["sent"], health?.["failed"]], [0, 1]);
    assert.match(errors[0] ?? "", new RegExp(`answers with status ${status}, which leads elsewhere`));
  }
  assert.deepEqual(other.came, []);
});

test("one that never answers, never ends its answer, or is gone holds up nothing", async (t) => {
  const open: (() => void)[] = [];
  const hanging = await receiver(
    t,
    () => new Promise<Response>((resolve) => open.push(() => resolve(new Response()))),
  );
  const { health } = await paused(hanging.url, 200);
  assert.deepEqual([health?.["sent"], health?.["retries"], health?.["waiting"]], [0, 1, 1]);
  open.forEach((end) => end());
  const endless = await receiver(
    t,
    () => new Response(new ReadableStream({ start: (it) => it.enqueue(new Uint8Array(9)) })),
  );
  assert.equal((await paused(endless.url)).health?.["sent"], 1, "what it says does not matter");
  assert.equal((await paused(await goneUrl())).health?.["retries"], 1);
});

/** The address of a server that is no more. */
async function goneUrl(): Promise<string> {
  const server: Served = await serve(() => new Response());
  await server.close();
  return server.url;
}
