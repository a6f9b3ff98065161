// `npm run build`: what npm publishes, by tsc alone. Plain JavaScript, because npm runs it with whatever Node it has.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
// What has no source any more must not be published.
rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = `${root}node_modules/typescript/bin/tsc`;
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status === 0) {
  for (const program of ["cli", "sandbox"]) chmodSync(`${root}dist/${program}/main.js`, 0o755);
}
process.exit(status ?? 1);
