/** The provider that docs/write-a-provider.md builds keeps the contract of providers, as the page says. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import type { Provider } from "../../mod.ts";
import { providerContract } from "../conformance/provider.ts";
import { asModule, blocksOf, root } from "./_blocks.ts";

const folder = `${root}.cache/provider-page-${process.pid}`;
after(() => rmSync(folder, { recursive: true, force: true }));

// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { exports } = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as {
  exports: Record<string, string>;
};
const [block] = blocksOf("docs/write-a-provider.md");
if (block === undefined) throw new Error("the page has no code");
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/doorman.ts`, asModule(block, exports));
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
// What the page exports; tests/docs/code-blocks.test.ts compiles it.
const { doorman } = await import(pathToFileURL(`${folder}/doorman.ts`).href) as {
  readonly doorman: (serviceUrl: string, roomUrl: string, fetch: Fetch) => Provider;
};

providerContract("the provider of the page", () => {
  const page = "https://shop.example.com/tickets";
  const known = new Map<string, boolean>();
  const state = { isOpen: true, calls: 0, fault: undefined as (() => unknown) | undefined };
  const open = () => {
    const token = `visitor-${String(known.size).padStart(4, "0")}`;
    known.set(token, state.isOpen);
    return token;
  };
  const service: Fetch = async (_url, { body }) => {
    state.calls++;
    await state.fault?.();
    // The provider sends nothing else.
    const asked = (JSON.parse(String(body)) as { readonly token?: string }).token;
    const token = asked !== undefined && known.has(asked) ? asked : open();
    return Response.json({ token, admitted: known.get(token) });
  };
  const visitor = () => ({ url: page, cookie: `doorman=${open()}` });
  return {
    provider: doorman("https://doorman.example.com/visits", "https://wait.example.com/", service),
    page,
    now: Date.parse("2030-01-15T12:00:00Z"),
    isLocal: false,
    admitted: visitor,
    forged: () => [
      { url: page, cookie: "doorman=visitor-9999" },
      { url: page, cookie: "doorman=../visits" },
      { url: page, cookie: "doorman=%00" },
    ],
    close: () => void (state.isOpen = false),
    places: () => known.size,
    service: {
      calls: () => state.calls,
      answer: (fault) => void (state.fault = fault),
      asking: visitor,
    },
  };
});
