import { fewAtOnce } from "../../examples/few-at-once.ts";
import { failClosed } from "../../plugins/failure-policy/mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueIt, queueItEvent } from "../../plugins/queue-it/mod.ts";
import { createGate } from "../../src/gate.ts";
import { providerContract, type ProviderWorld, type StandIn, type Visitor } from "../conformance/provider.ts";
import * as api from "./crowdhandler/_helpers.ts";
import * as rooms from "./queue-it/_helpers.ts";

/** A fault that every call meets while there is one. */
function standIn(asking: StandIn["asking"]): StandIn & { readonly meet: <T>(answer: () => T) => Promise<T> } {
  let calls = 0;
  let fault: (() => unknown) | undefined;
  return {
    calls: () => calls,
    answer: (next) => void (fault = next),
    asking,
    async meet(answer) {
      calls++;
      // What a fault gives is thrown: it never gives an answer.
      if (fault !== undefined) await fault();
      return answer();
    },
  };
}

/** The service counts a place for everybody who comes without a token, and knows whom it let in. */
function crowdhandlerWorld(mode: "full" | "hybrid"): ProviderWorld {
  const page = `${api.site}/tickets`;
  const promoted = new Set<string>();
  let isOpen = true;
  let places = 0;
  let made = 0;
  const tokenNo = () => `tok_7pDi5dRB${String(made++).padStart(4, "0")}`;
  const admit = (): string => {
    const token = tokenNo();
    promoted.add(token);
    return token;
  };
  const service = standIn(() => ({
    url: page,
    cookie: mode === "hybrid" ? "" : `crowdhandler=${admit()}`,
  }));
  const answers: api.Answers = {
    rooms: () => service.meet(() => api.json([api.room])),
    requests: ({ method, path }) =>
      service.meet(() => {
        const asked = path.split("/")[1] ?? "";
        if (method === "POST") places++;
        const token = method === "POST" || !promoted.has(asked) ? tokenNo() : asked;
        if (isOpen) promoted.add(token);
        return api.json({ ...(promoted.has(token) ? api.promoted : api.queued), token });
      }),
  };
  const cookieOf = (token: string, sig = api.signature(token)) =>
    mode === "full" ? `crowdhandler=${token}` : api.hybridCookie({ ...api.validParts(token), sig });
  return {
    provider: crowdhandler({
      publicKey: api.publicKey,
      ...(mode === "hybrid" && { mode, privateKey: api.privateKey }),
      publicHosts: ["shop.example.com"],
      fetch: api.fakeFetch(answers),
      warn: () => {},
    }),
    page,
    now: api.start,
    isLocal: mode === "hybrid",
    admitted: () => ({ url: page, cookie: cookieOf(admit()) }),
    forged: () => [
      { url: page, cookie: cookieOf("tok_0000notknown", api.signature("tok_7pDi5dRB0000")) },
      { url: `${page}?ch-id=tok_0000notknown`, cookie: "crowdhandler=" },
      {
        url: `${page}?ch-id=tok_0000notknown&ch-id-signature=${"0".repeat(64)}&ch-requested=${api.requested}`,
      },
      { url: page, cookie: "crowdhandler=__proto__" },
    ],
    close: () => void (isOpen = false),
    places: () => places,
    service,
  };
}

providerContract("crowdhandler() in full mode", () => crowdhandlerWorld("full"));
providerContract("crowdhandler() in hybrid mode", () => crowdhandlerWorld("hybrid"));

const tickets = "https://shop.test/event1";
let issued = 0;

/** Sessions and tokens of other keys, rooms and visitors; who waits is counted by the service, when it is sent there. */
function queueItWorld(provider: ProviderWorld["provider"], service?: StandIn): ProviderWorld {
  const withSession = (value: string): Visitor => ({
    url: tickets,
    cookie: rooms.cookieHeader({ event1: value }),
  });
  const queueId = () => `944c1f44-60dd-4e37-aabc-${String(issued++).padStart(12, "0")}`;
  return {
    provider,
    page: tickets,
    now: rooms.nowMs,
    reasons: "queue-it",
    isLocal: service === undefined,
    admitted: () => withSession(rooms.cookieOf({ QueueId: queueId() })),
    forged: () => [
      withSession(rooms.cookieOf({}, "another key")),
      withSession(rooms.cookieOf({ EventId: "event2" })),
      withSession(rooms.cookieOf({ IssueTime: rooms.now - 86_400 })),
      withSession(rooms.cookieOf().replace(/Hash=.*/, "Hash=")),
      { url: `${tickets}?queueittoken=${rooms.tokenOf({}, "another key")}` },
      { url: `${tickets}?queueittoken=${rooms.tokenOf({ ts: rooms.now - 1 })}` },
      { url: `${tickets}?queueittoken=${rooms.tokenOf({ e: "event2" })}` },
    ],
    // Nobody is let in but by what the service signed.
    close: () => {},
    places: () => 0,
    ...(service !== undefined && { service }),
  };
}

const common = { customerId: rooms.customerId, secretKeys: [rooms.secret] };

providerContract("queueIt()", () =>
  queueItWorld(queueIt({
    ...common,
    integrationConfig: rooms.configOf(rooms.integration()),
    onConfiguration: () => {},
  })));

const event = { ...common, eventId: "event1", queueDomain: "ticketania.queue-it.net" };

providerContract("queueItEvent()", () => queueItWorld(queueItEvent(event)));

providerContract("queueItEvent() that asks whether queue ids may be used", () => {
  const service = standIn(() => ({
    url: tickets,
    cookie: rooms.cookieHeader({ event1: rooms.cookieOf() }),
  }));
  return queueItWorld(
    queueItEvent({ ...event, verifyQueueId: true, verifyAction: () => service.meet(() => true) }),
    service,
  );
});

providerContract("fewAtOnce() of the examples", () => {
  const page = "https://shop.test/tickets";
  const now = Date.parse("2030-01-15T12:00:00Z");
  const all = 20;
  const provider = fewAtOnce({ secret: "a secret of the tests", seats: all, idleSeconds: 300 });
  const gate = createGate({ plugins: [failClosed(), provider], now: () => now });
  const taken = () => Number(provider.health?.()["taken"]);
  const enter = async (): Promise<Visitor> => {
    const response = await gate(new Request(page), () => new Response("page"));
    return { url: page, cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  return {
    provider,
    page,
    now,
    isLocal: true,
    awaits: true,
    admitted: enter,
    forged: ({ cookie = "" }) => [
      { url: page, cookie: `${cookie.slice(0, cookie.indexOf("."))}.somebody.${"0".repeat(64)}` },
      { url: page, cookie: cookie.replace(/\d/, "9") },
      { url: page, cookie: "seat=.." },
    ],
    async close() {
      while (taken() < all) await enter();
    },
    places: taken,
  };
});
