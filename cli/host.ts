import type { parseArgs } from "node:util";

/** A connection that was made for a look, and ended. */
export interface Connection {
  readonly connectMs: number;
  /** The encryption, where there is one. */
  readonly tls:
    | { readonly ms: number; readonly protocol: string; readonly validUntil: string | undefined }
    | undefined;
}

/** How the command reaches other machines. What fails throws the platform's error. */
export interface Network {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The addresses of a name. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
  readonly connect: (
    place: { readonly host: string; readonly port: number; readonly isEncrypted: boolean },
    signal: AbortSignal,
  ) => Promise<Connection>;
}

/** What a command needs that goes on until it is told to stop. */
export interface Machine {
  readonly exists: (path: string) => Promise<boolean>;
  readonly readText: (path: string) => Promise<string>;
  /** Loads the default export of a module, anew each time. */
  readonly load: (path: string) => Promise<unknown>;
  /** Calls back after a file was changed, until what it returns is called. */
  readonly watch: (path: string, changed: () => void) => () => void;
  readonly onSignal: (name: "SIGTERM" | "SIGINT" | "SIGHUP", listener: () => void) => void;
  /** Makes a secret that nobody can foretell. */
  readonly newSecret: () => string;
  /** Whether somebody sits at the output, and no file takes it. */
  readonly isTerminal: boolean;
}

/** What the command needs of the machine. */
export interface Host {
  /** Reads a file; `-` is the standard input. Throws the platform's error. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly env: (name: string) => string | undefined;
  /** The names of all variables of the environment; absent where nobody knows them. */
  readonly variables?: () => readonly string[];
  readonly version: () => Promise<string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks somebody who sits there; `undefined` where nobody does. */
  readonly ask?: (question: string) => Promise<string | undefined>;
  readonly parse: typeof parseArgs;
  readonly network: Network;
  /** For what goes on until it is told to stop; absent where nothing can. */
  readonly machine?: Machine;
  /** Tells the time in Unix milliseconds. */
  readonly now: () => number;
}
