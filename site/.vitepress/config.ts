import { readFileSync } from "node:fs";
import process from "node:process";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import type { Assembled } from "../build/assemble.ts";
import { addressOf, pagesFolder, publicFolder } from "../build/paths.ts";

/** Where the site will be; only its path counts until it is somewhere. */
const address = new URL(process.env["STANCHION_SITE"] ?? "http://localhost/");
const hasAddress = process.env["STANCHION_SITE"] !== undefined;
// The file is ours: site/build/main.ts wrote it just before.
const { sections, library } = JSON.parse(
  readFileSync(`${pagesFolder}assembled.json`, "utf8"),
) as Assembled;

const groups = sections.map(({ title, pages }) => ({
  text: title,
  items: pages.map(({ page, title }) => ({
    text: page === "index.md" ? "What it is" : title,
    link: `/${addressOf(page)}`,
  })),
}));
const [plugins, api] = ["Plugins", "API"].map((title) => groups.find(({ text }) => text === title));
if (plugins === undefined || api === undefined) throw new Error("There is no reference to show");
const guides = groups.filter((group) => group !== plugins && group !== api);
/** The reference has a list of its own: it is long. */
const reference = {
  text: "Reference",
  items: [plugins, api].map(({ text, items }) => ({ text, link: items[0]?.link ?? "/" })),
};
const back = { text: "All guides", link: "/documentation" };

/** What pages may load: what the site has itself, and nothing of others. Styles and the switch between dark and light are in the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' blob:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export default defineConfig({
  title: "Stanchion",
  titleTemplate: ":title · Stanchion",
  lang: "en",
  base: address.pathname,
  srcDir: ".pages",
  outDir: "dist",
  cacheDir: ".cache/vitepress",
  cleanUrls: true,
  metaChunk: true,
  ...(hasAddress && { sitemap: { hostname: address.href } }),
  head: [
    ["meta", { "http-equiv": "Content-Security-Policy", content: policy }],
    ["meta", { name: "referrer", content: "no-referrer" }],
    ["link", {
      rel: "icon",
      href: `${address.pathname}icon.svg`,
      type: "image/svg+xml",
    }],
  ],
  markdown: {
    // As on the pages of the repository, so that a link to a heading is right in both.
    config: (md) =>
      void md.core.ruler.push("empty-headings-of-tables", ({ tokens }) => {
        for (const [at, { type }] of tokens.entries()) {
          if (type !== "th_open" || tokens[at + 1]?.content !== "") continue;
          for (const token of [tokens[at], tokens[at + 2]]) if (token !== undefined) token.tag = "td";
        }
      }),
    anchor: { slugify: (text) => slug(text) },
    theme: {
      light: "github-light-high-contrast",
      dark: "github-dark-high-contrast",
    },
  },
  themeConfig: {
    nav: [
      { text: "Start", link: "/documentation" },
      { text: "Playground", link: "/playground" },
      { text: "Simulation", link: "/simulation" },
      { text: "API", link: "/api/stanchion" },
    ],
    sidebar: {
      "/plugins/": [{ ...plugins, items: [back, ...plugins.items] }, reference],
      "/api/": [{ ...api, items: [back, ...api.items] }, reference],
      "/": [...guides, reference],
    },
    outline: [2, 3],
    search: { provider: "local", options: { detailedView: true } },
    externalLinkIcon: true,
    footer: {
      message:
        "MIT licence. Stanchion is an independent project: it is not affiliated with CrowdHandler or Queue-it, whose names are theirs.",
    },
  },
  vite: {
    publicDir: publicFolder,
    define: { __LIBRARY__: JSON.stringify(library) },
    build: { chunkSizeWarningLimit: 2000 },
    worker: { format: "es" },
  },
});
