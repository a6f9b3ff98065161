/** A process that has no file left for a further connection: a crowd can bring that about, so it is no outage. */

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import process from "node:process";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { root } from "../runtimes/_process.ts";
import { type CrowdService, startService } from "../torture/_crowd-programs.ts";

const isDeno = "Deno" in globalThis;
const program = fileURLToPath(new URL("_out-of-files.ts", import.meta.url));
const service: CrowdService = await startService(1, 2);
after(() => service.stop());

/** The reasons of three visits: before, while the process has no file left, and after. */
function reasonsOf(host: string, free: number, permissions: readonly string[] = ["-A"]): readonly string[] {
  const url = service.url.replace("127.0.0.1", host);
  const run = isDeno ? ["run", "--no-prompt", ...permissions] : [];
  const output = execFileSync(
    "sh",
    ["-c", 'ulimit -n 128 && exec "$0" "$@"', process.execPath, ...run, program, url, String(free)],
    { cwd: root, encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "ignore"] },
  );
  // The program prints it.
  return JSON.parse(output.slice(output.indexOf("["))) as readonly string[];
}

describe("a process without a file for its connection", { skip: process.platform === "win32" }, () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    for (const free of [0, 1]) {
      test(`lets nobody in for it: a service at ${host}, ${free} free`, () => {
        const [before, during, later] = reasonsOf(host, free);
        assert.equal(before, "provider/queued");
        assert.match(String(during), /^(?:failure-policy\/(?:queued|rejected)-overloaded|provider\/queued)$/);
        if (free === 0) assert.notEqual(during, "provider/queued");
        assert.equal(later, "provider/queued");
      });
    }
  }

  test("nor where Deno may only use the net", { skip: !isDeno }, () => {
    const [, during] = reasonsOf("localhost", 0, ["--allow-net"]);
    assert.match(String(during), /-overloaded$/);
  });

  test("a name without an address is an outage where files are left", () => {
    const [before, during] = reasonsOf("nobody.invalid", 60);
    assert.deepEqual([before, during], [
      "failure-policy/admitted-unreachable",
      "failure-policy/admitted-unreachable",
    ]);
  });
});
