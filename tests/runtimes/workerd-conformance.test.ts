/** The conformance suite on workerd, Cloudflare's runtime. */

import { conformance } from "./_conformance.ts";
import { startWorker } from "./_workerd.ts";

conformance(
  "workerd",
  (settings) =>
    startWorker({
      entry: "tests/runtimes/worker-app.ts",
      bindings: { CONFORMANCE: JSON.stringify(settings) },
    }),
);
