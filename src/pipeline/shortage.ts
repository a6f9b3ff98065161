/** Whether this machine has a file left for a further connection. A crowd can take them all. */

import { field } from "./hand-over.ts";

/** What is lacking where no further connection can be opened: files, ports or memory for them. */
const shortages: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);
/** The same as Deno tells it, which has no codes there: by their numbers on Linux and on others. */
const shortage = /\(os error (?:12|23|24|49|55|99|105)\)/;
/** How platforms tell that a name has no address, for want of a file as well: whoever looks it up has to open some. */
const nameless = /\b(?:getaddrinfo|lookup|dns|EAI_\w+|ENOTFOUND)\b/i;

/** How they tell that nobody is there. */
const absence = /\b(?:ECONNREFUSED|ConnectionRefused|connection refused|EHOSTUNREACH|ENETUNREACH)\b/i;

/** When it is looked whether a file can be opened, in milliseconds after a name was not found. */
const looksMs = [5, 15, 30, 50];
/** For how long a shortage counts once it was seen, in milliseconds. */
const countsMs = 10_000;

/** How many files are enough for a connection. */
const enough = 8;
/** For how long it counts that there were enough, in milliseconds. */
const sameMs = 5;

/** Tells whether a connection failed because this machine can open no further one. */
export type IsShortage = (cause: unknown) => Promise<boolean>;

/** Looks for a lack of files, and remembers for a while what it saw. */
export function watchShortage(): IsShortage {
  let couldAt = Number.NEGATIVE_INFINITY;
  let seenAt = Number.NEGATIVE_INFINITY;

  function isPossible(): boolean {
    const now = performance.now();
    if (now - couldAt < sameMs) return true;
    if (!canOpen()) return false;
    couldAt = now;
    return true;
  }

  function seen(): true {
    seenAt = performance.now();
    return true;
  }

  async function look(): Promise<boolean> {
    for (const ms of looksMs) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (!isPossible()) return seen();
    }
    return false;
  }

  return async (cause) => {
    if (tellsShortage(cause) || !isPossible()) return seen();
    if (!some(cause, (fault) => tells(fault, nameless))) return false;
    if (performance.now() - seenAt < countsMs) return true;
    // One is free now and then: one look tells nothing. Each looks for itself, as some platforms end what a request began together with it.
    return await look();
  };
}

/** Tells whether a fault says by itself that something is lacking. */
export function tellsShortage(cause: unknown): boolean {
  return some(cause, (fault) => shortages.has(field(fault, "code")) || tells(fault, shortage));
}

function tells(fault: unknown, words: RegExp): boolean {
  return ["message", "code"].some((name) => words.test(String(field(fault, name) ?? "")));
}

/**
 * Opens some files, or ports, and closes them again. What cannot be tried without asking somebody counts as possible. One would
 * not do: a platform tries several addresses of a name at once, and tells the fault of any.
 */
function canOpen(): boolean {
  const opened: (() => void)[] = [];
  try {
    const open = opener();
    while (open !== undefined && opened.length < enough) opened.push(open());
    return true;
  } catch (cause) {
    return !tellsShortage(cause);
  } finally {
    for (const close of opened) close();
  }
}

/** What opens something that needs a file, and gives what closes it. */
function opener(): (() => () => void) | undefined {
  // What a platform has is looked at as what it may be.
  const { Deno: deno, process } = globalThis as unknown as Globals;
  if (deno?.permissions !== undefined) {
    const { permissions } = deno;
    const may = (name: string, more: object) => permissions.querySync({ name, ...more }).state === "granted";
    if (may("read", { path: nowhere })) return () => closing(deno.openSync(nowhere));
    if (may("net", { host: "127.0.0.1" })) {
      return () => closing(deno.listen({ hostname: "127.0.0.1", port: 0 }));
    }
    return undefined;
  }
  const files = process?.getBuiltinModule?.("node:fs");
  return files && (() => {
    const file = files.openSync(nowhere, "r");
    return () => files.closeSync(file);
  });
}

function closing(opened: { close(): void }): () => void {
  return () => opened.close();
}

const nowhere = "/dev/null";

/** As much of the platforms as is used here. */
interface Globals {
  readonly Deno?: {
    readonly permissions?: { querySync(descriptor: object): { readonly state: string } };
    listen(options: { readonly hostname: string; readonly port: number }): { close(): void };
    openSync(path: string): { close(): void };
  };
  readonly process?: {
    getBuiltinModule?(
      name: string,
    ): { openSync(path: string, flags: string): number; closeSync(file: number): void };
  };
}

/** Whether a fault, one that caused it, or one of several tried at once is such a one. */
function some(cause: unknown, isSuch: (fault: unknown) => boolean, depth = 0): boolean {
  if (cause === undefined || depth === 4) return false;
  if (isSuch(cause)) return true;
  const errors = field(cause, "errors");
  const several = Array.isArray(errors) ? errors.slice(0, 8) : [];
  return [field(cause, "cause"), ...several].some((fault) => some(fault, isSuch, depth + 1));
}

/** Tells whether nobody was there to take a connection: no service that is merely busy. */
export function isAbsence(cause: unknown): boolean {
  return some(cause, (fault) => tells(fault, absence) || tells(fault, nameless));
}
