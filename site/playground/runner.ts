/** The page's side of the worker: starts it, waits for it for so long, and ends it where it does not answer. */

import workerUrl from "./worker.ts?worker&url";
import type { Asked, Order, Outcome, Told } from "./messages.ts";

/** For how long the code may take, in milliseconds, and for how long what it needs may take before it. */
const limitMs = 5000;
const startMs = 60_000;

/** Something that can be told to the worker, but for its number. */
type Wanted = { readonly do: "load"; readonly code: string } | { readonly do: "send"; readonly asked: Asked };

/** Runs code that may not end. */
export interface Runner {
  /** Loads the code anew: what the one before knew is gone. */
  load(code: string): Promise<Outcome>;
  /** Sends a request to the gate. */
  send(asked: Asked): Promise<Outcome>;
  /** Ends it, whatever it is doing. */
  stop(): void;
}

/**
 * Makes a runner.
 *
 * @param print Gets what the code prints, line by line.
 */
export function createRunner(print: (line: string) => void): Runner {
  let worker: Worker | undefined;
  let number = 0;
  let waiting:
    | { readonly id: number; readonly begins: () => void; readonly end: (outcome: Outcome) => void }
    | undefined;

  function start(): Worker {
    // A worker that is made of a blob has the policy of this page: it reaches nothing but the site.
    const source = `import ${JSON.stringify(new URL(workerUrl, location.href).href)};`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const folder = new URL(`${import.meta.env.BASE_URL}library/`, location.href).href;
    const started = new Worker(url, { type: "module", name: folder });
    started.addEventListener("message", ({ data }: MessageEvent<Told>) => {
      if ("line" in data) return print(data.line);
      if (data.id !== waiting?.id) return;
      if ("begins" in data) waiting.begins();
      else waiting.end(data.outcome);
    });
    started.addEventListener("error", ({ message }) => {
      waiting?.end({
        is: "wrong",
        wrong: { message: message || "The code could not be started", line: undefined },
      });
    });
    return started;
  }

  function end(message: string): void {
    worker?.terminate();
    worker = undefined;
    waiting?.end({ is: "wrong", wrong: { message, line: undefined } });
  }

  function tell(wanted: Wanted): Promise<Outcome> {
    const id = ++number;
    worker ??= start();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let timer = setTimeout(() => end("The code could not be started: what it needs is not there."), startMs);
    waiting = {
      id,
      begins() {
        clearTimeout(timer);
        timer = setTimeout(
          () =>
            end(
              `The code did not answer within ${
                limitMs / 1000
              } seconds, and was ended. Is there an endless loop?`,
            ),
          limitMs,
        );
      },
      end(outcome) {
        clearTimeout(timer);
        waiting = undefined;
        resolve(outcome);
      },
    };
    // An order is what is wanted, with its number.
    worker.postMessage({ ...wanted, id } satisfies Order);
    return promise;
  }

  return {
    load(code) {
      end("The code was loaded anew.");
      return tell({ do: "load", code });
    },
    send: (asked) => tell({ do: "send", asked }),
    stop: () => end("You stopped the code. Run it anew: what the room knew is gone."),
  };
}
