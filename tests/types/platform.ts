// What `platform()` takes, and where it goes.
import { type Gate, type Platform, platform } from "../../mod.ts";

declare const gate: Gate;
declare const request: Request;
declare const address: string | undefined;

const said: Platform = platform({ peerAddress: address, waitUntil: (work) => void work.catch(() => {}) });
platform({});
platform({ peerAddress: undefined, waitUntil: undefined });
void gate(request, () => new Response(), { remoteAddr: { hostname: "192.0.2.7" } }, said);
void gate.explain(request, said);
void gate.wrap((_request: Request, ..._more: readonly unknown[]) => new Response())(request, said);

// @ts-expect-error Something must be said, be it nothing.
platform();
// @ts-expect-error An address is a text.
platform({ peerAddress: { address: "192.0.2.7" } });
// @ts-expect-error An address that is not known is undefined.
platform({ peerAddress: null });
// @ts-expect-error It is a function.
platform({ waitUntil: Promise.resolve() });
// @ts-expect-error The option is called "peerAddress".
platform({ address: "192.0.2.7" });
// @ts-expect-error It cannot be changed.
said.peerAddress = "192.0.2.8";
