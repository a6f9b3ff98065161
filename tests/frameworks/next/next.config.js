import { fileURLToPath } from "node:url";

// The repository around it has a lock file, too.
export default { turbopack: { root: fileURLToPath(new URL(".", import.meta.url)) }, devIndicators: false };
