import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";

// The port of the test is any, and a built application knows its own origin only.
export default { plugins: [sveltekit({ adapter: adapter(), csrf: { trustedOrigins: ["*"] } })] };
