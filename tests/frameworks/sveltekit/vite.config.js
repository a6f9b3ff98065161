import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";

const kit = {
  adapter: adapter(),
  // The port of the test is any, and a built application knows its own origin only.
  csrf: { trustedOrigins: ["*"] },
  experimental: { remoteFunctions: true },
};

export default { plugins: [sveltekit(kit)] };
