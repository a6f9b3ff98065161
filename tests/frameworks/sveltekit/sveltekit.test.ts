// SvelteKit 3 on Node, with the gate in its `handle` hook.
import { testWay } from "../_pages-way.ts";

const formType = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";

testWay({
  name: "sveltekit",
  build: ["vite", "build"],
  start: ["node", "build"],
  dev: ["vite", "dev", "--port", "$PORT", "--host", "localhost"],
  home: "src/routes/+page.svelte",
  prerendered: { file: "build/prerendered/about.html", has: /<h1>About<\/h1>/ },
  data: [["/tickets/__data.json"], ["/tickets/__data.json?x-sveltekit-invalidated=11"]],
  buttons: ["#enhanced", "#plain"],
  around(html) {
    const [, id = ""] = /"\?\/remote=([^"]+)"/.exec(html) ?? [];
    return ["/", "/nowhere", "/tickets/fail"].map((path) => ({
      target: `${path}?/remote=${id}`,
      headers: formType,
    }));
  },
  ready: `"ready" in document.body.dataset`,
  failing: 500,
  knowsAddress: true,
  cacheControl: /private/,
});
