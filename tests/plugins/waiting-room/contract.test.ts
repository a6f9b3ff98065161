/** The waiting room keeps the contract of providers. */

import { failClosed } from "../../../plugins/failure-policy/mod.ts";
import { memoryStore, waitingRoom } from "../../../plugins/waiting-room/mod.ts";
import { createGate } from "../../../src/gate.ts";
import { providerContract, type Visitor } from "../../conformance/provider.ts";
import { start } from "./_node.ts";
import { secret, site } from "./_room.ts";

providerContract("waitingRoom()", () => {
  const page = `${site}/tickets`;
  const store = memoryStore({ now: () => start });
  const provider = waitingRoom({ secretKeys: [secret], store, admitPerMinute: 600_000, now: () => start });
  const gate = createGate({
    plugins: [failClosed(), provider],
    publicHosts: ["shop.example.com"],
    now: () => start,
  });
  const key = "stanchion:main";

  async function cookieAfter(visitor: Visitor): Promise<string> {
    const headers = { ...(visitor.cookie !== undefined && { cookie: visitor.cookie }) };
    const response = await gate(new Request(visitor.url, { headers }), () => new Response("page"));
    return response.headers.getSetCookie()[0]?.split(";")[0] ?? visitor.cookie ?? "";
  }

  return {
    provider,
    page,
    now: start,
    isLocal: true,
    keepsOwn: true,
    async admitted() {
      // The second visit takes the place that the first one was given.
      const cookie = await cookieAfter({ url: page });
      return { url: page, cookie: await cookieAfter({ url: page, cookie }) };
    },
    forged: ({ cookie = "" }) => {
      const at = cookie.indexOf("=");
      return [
        { url: page, cookie: `${cookie}x` },
        { url: page, cookie: `${cookie.slice(0, at)}other${cookie.slice(at)}` },
        { url: page, cookie: `${cookie.slice(0, at + 1)}${"0".repeat(43)}` },
        { url: page, cookie: `${cookie.slice(0, at + 1)}%00` },
      ];
    },
    async close() {
      const room = {
        limits: {
          admitPerMinute: 600_000,
          burstSeconds: 3,
          capacity: -1,
          sessionMs: 900_000,
          returnMs: 300_000,
          recovery: "strict" as const,
        },
        opensAt: 0,
        closesAt: 0,
        note: "",
        since: 0,
      };
      const change = { limits: { admitPerMinute: 0 } };
      await store.run(key, {
        room,
        seen: undefined,
        commands: [{ do: "control", change, revision: undefined }],
      });
    },
    places: () => issued(),
  };

  function issued(): number {
    return Number(provider.health?.()["numbers"] ?? 0);
  }
});
