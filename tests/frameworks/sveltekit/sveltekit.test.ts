// SvelteKit 3 on Node, with the gate in its `handle` hook.
import { testWay } from "../_pages-way.ts";

testWay({
  name: "sveltekit",
  build: ["vite", "build"],
  start: ["node", "build"],
  dev: ["vite", "dev", "--port", "$PORT", "--host", "localhost"],
  prerendered: { file: "build/prerendered/about.html", has: /<h1>About<\/h1>/ },
  data: [["/tickets/__data.json"], ["/tickets/__data.json?x-sveltekit-invalidated=11"]],
  buttons: ["#enhanced", "#plain"],
  ready: `"ready" in document.body.dataset`,
  failing: 500,
  knowsAddress: true,
  cacheControl: /private/,
});
