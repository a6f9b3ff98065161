// `npm run build`: what npm publishes, by tsc alone. Plain JavaScript, because npm runs it with whatever Node it has.
// With an address in STANCHION_REPOSITORY it also writes into package.json where the repository is.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { variable, withRepository } from "./_repository.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
nameRepository(process.env[variable] ?? "");
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

/** Without an address the manifest stays as it is: a fork or a build of one's own names no repository of others. */
function nameRepository(address) {
  if (address === "") return;
  const file = `${root}package.json`;
  const before = readFileSync(file, "utf8");
  try {
    const after = withRepository(before, address);
    if (after !== before) writeFileSync(file, after);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`Cannot build: ${error.message}`);
    process.exit(1);
  }
}
