// React Router 8 in framework mode, with the gate among the middlewares of its root.
import { testWay } from "../_pages-way.ts";

testWay({
  name: "react-router",
  build: ["react-router", "build"],
  start: ["react-router-serve", "build/server/index.js"],
  dev: ["react-router", "dev", "--port", "$PORT", "--host", "localhost"],
  home: "app/routes/home.jsx",
  prerendered: { file: "build/client/about/index.html", has: /<h1>About<\/h1>/ },
  data: [["/tickets.data"], ["/tickets.data?_routes=routes%2Ftickets"], ["/TICKETS.data"], [
    "/tickets/_.data",
  ]],
  ready: `Object.keys(document.querySelector("a")).some((key) => key.startsWith("__reactProps"))`,
  buttons: ["#form", "#plain"],
  failing: 500,
  knowsAddress: false,
  cacheControl: /private/,
});
