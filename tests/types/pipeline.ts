// Which pipelines compile: one in which the types show that nobody decides or nobody recovers does not.
import { clientIp, cookieTokens, createGate, failOpen, type Plugin, staticFiles } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";

declare const own: Plugin;
declare const list: readonly Plugin[];
const provider = crowdhandler({ publicKey: "key" });

createGate({ plugins: [staticFiles(), clientIp(), cookieTokens(), failOpen(), provider] });
createGate({
  plugins: [
    cookieTokens(),
    failOpen(),
    queueItEvent({ customerId: "c", secretKeys: ["k"], eventId: "e", queueDomain: "q.example" }),
  ],
});
createGate({ plugins: [failOpen(), own] });
createGate({ plugins: list, mode: "report" });
createGate({ plugins: list, hookTimeoutMs: 2000 });
createGate({ plugins: [failOpen(), { name: "lottery", decide: () => undefined }] });

// @ts-expect-error Nobody decides: a provider is missing.
createGate({ plugins: [staticFiles(), cookieTokens(), failOpen()] });
// @ts-expect-error Nobody says what happens after a fault.
createGate({ plugins: [staticFiles(), cookieTokens(), provider] });
// @ts-expect-error Nobody does either.
createGate({ plugins: [staticFiles()] });

// @ts-expect-error A time is a number of milliseconds.
createGate({ plugins: list, hookTimeoutMs: "5s" });
// @ts-expect-error A hook without an end would hold its visitor for ever: the time limit cannot be turned off.
createGate({ plugins: list, hookTimeoutMs: false });
