// Nuxt 4 on Nitro 2, with the gate before its handler and the check before its router.
import { testWay } from "../_pages-way.ts";

testWay({
  name: "nuxt",
  build: ["nuxt", "build"],
  start: ["node", ".output/server/index.mjs"],
  dev: ["nuxt", "dev", "--port", "$PORT", "--host", "localhost"],
  home: "app/pages/index.vue",
  // With a change of a page it tells the browser both to take it and to load anew.
  reloads: true,
  prerendered: { file: ".output/public/about/index.html", has: /<h1>About<\/h1>/ },
  data: [["/tickets/data?day=1"], ["/tickets/_payload.json"], ["/tickets/kept/_payload.json"]],
  ready: `document.querySelector("#__nuxt")?.__vue_app__ !== undefined`,
  buttons: ["#call"],
  failing: 500,
  knowsAddress: true,
  // Its router writes it anew in the browser, when it takes over.
  query: "?day=3&q=a+b%26c",
  cacheControl: /private/,
});
