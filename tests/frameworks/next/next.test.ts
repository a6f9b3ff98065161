// Next.js 16 with the App Router, with the gate in its `proxy`.
import { testWay } from "../_pages-way.ts";

const flight = "RSC: 1\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n";

testWay({
  name: "next",
  build: ["next", "build"],
  start: ["next", "start", "--port", "$PORT"],
  dev: ["next", "dev", "--port", "$PORT"],
  home: "app/page.jsx",
  prerendered: { file: ".next/server/app/about.html", has: /<h1>About<\/h1>/ },
  data: [["/tickets?_rsc=1", flight], ["/tickets.rsc", flight], ["/tickets.rsc"], [
    "/tickets.segments/_tree.segment.rsc",
    flight,
  ]],
  buttons: ["#form", "#action"],
  around(html) {
    const [, id = ""] = /\$ACTION_ID_([0-9a-f]+)/.exec(html) ?? [];
    const headers = `Next-Action: ${id}\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n`;
    return ["/", "/about", "/nowhere"].map((target) => ({ target, headers, body: "[]" }));
  },
  ready: `Object.keys(document.querySelector("a")).some((key) => key.startsWith("__reactProps"))`,
  failing: 500,
  knowsAddress: false,
  // Next writes the query anew.
  query: "?day=3&q=a+b%26c",
  cacheControl: /no-store/,
});
