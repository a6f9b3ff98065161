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
type Fetch = (url: string, init: { readonly method: string }) => Promise<Response>;
// What the page exports; tests/docs/code-blocks.test.ts compiles it.
const { doorman } = await import(pathToFileURL(`${folder}/doorman.ts`).href) as {
  readonly doorman: (api: string, fetch: Fetch) => Provider;
};

providerContract("the provider of the page", () => {
  const page = "https://shop.example.com/tickets";
  const line = new Map<string, number>();
  const state = { isOpen: true, calls: 0, fault: undefined as (() => unknown) | undefined };
  const open = () => {
    const token = `t${line.size + 1}`;
    line.set(token, state.isOpen ? 0 : line.size + 1);
    return token;
  };
  const service: Fetch = async (url, { method }) => {
    state.calls++;
    await state.fault?.();
    const asked = new URL(url).pathname.split("/")[2] ?? "";
    const token = method === "GET" && line.has(asked) ? asked : open();
    return Response.json({ token, position: line.get(token) });
  };
  const visitor = () => ({ url: page, cookie: `doorman=${open()}` });
  return {
    provider: doorman("https://line.example.com", service),
    page,
    now: Date.parse("2030-01-15T12:00:00Z"),
    isLocal: false,
    admitted: visitor,
    forged: () => [
      { url: page, cookie: "doorman=t999" },
      { url: page, cookie: "doorman=../visitors" },
      { url: page, cookie: "doorman=%00" },
    ],
    close: () => void (state.isOpen = false),
    places: () => line.size,
    service: {
      calls: () => state.calls,
      answer: (fault) => void (state.fault = fault),
      asking: visitor,
    },
  };
});
