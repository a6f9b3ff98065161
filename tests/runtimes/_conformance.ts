/** Runs the conformance suite on a runtime, with `node:test`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checks, type Runtime, type Services, startServices } from "../conformance/runtime.ts";
import type { Settings } from "../conformance/app.ts";
import type { Listening } from "./_process.ts";

/**
 * Defines a test for each check that applies.
 *
 * @param runtime The runtime that serves the application.
 * @param serve Starts it.
 */
export function conformance(runtime: Runtime, serve: (settings: Settings) => Promise<Listening>): void {
  let started: Promise<{ readonly services: Services; readonly server: Listening }> | undefined;

  async function begin() {
    const services = await startServices();
    return { services, server: await serve(services.settings) };
  }

  for (const check of checks) {
    if (check.not?.includes(runtime)) continue;
    test(`on ${runtime}, ${check.name}`, async () => {
      const { services, server } = await (started ??= begin());
      const { sandbox, sandboxUrl } = services;
      const complained = server.complaints().length;
      try {
        await check.run({ runtime, port: server.port, sandbox, sandboxUrl });
      } catch (error) {
        const said = server.complaints().slice(complained);
        if (said !== "") console.log(`The application's process said:\n${said.slice(-3000)}`);
        throw error;
      } finally {
        sandbox.faults.clear();
      }
    });
  }

  // A test and no hook: not every runner has hooks outside of groups.
  test(`on ${runtime}, the application has not ended by itself`, async () => {
    const { services, server } = await (started ??= begin());
    try {
      assert.equal(await Promise.race([server.ended, "still running"]), "still running");
    } finally {
      await server.stop();
      await services.close();
    }
  });
}
