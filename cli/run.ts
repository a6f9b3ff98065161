import type { parseArgs } from "node:util";
import { type Command, type ExplainCommand, parseCommand, type Reading, UsageError } from "./command.ts";
import { explain, type ExplainFiles } from "./explain.ts";
import { findingsOf, loadConfiguration } from "./findings.ts";
import { asJson, plain, printExplained, printFindings } from "./print.ts";
import { usage } from "./usage.ts";

/** What the command needs of the machine. */
export interface Host {
  /** Reads a file; `-` is the standard input. Throws the platform's error. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly env: (name: string) => string | undefined;
  readonly version: () => Promise<string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly parse: typeof parseArgs;
}

/** No file is longer, in bytes. */
const longest = 67_108_864;

/**
 * Runs the command.
 *
 * @param args Arguments without program and script.
 * @param host The machine.
 * @returns The exit code. Never rejected.
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(parseCommand(args, host.parse), host);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    host.err(plain(isUsage ? `${message}\nSee stanchion --help.` : `It did not work: ${message}`));
    return isUsage ? 2 : 1;
  }
}

async function dispatch(command: Command, host: Host): Promise<number> {
  switch (command.name) {
    case "help":
      host.out(usage);
      return 0;
    case "version":
      host.out(await host.version());
      return 0;
    case "check": {
      const found = findingsOf(await textOf(command.config, host), command);
      const isBad = found.findings.some(({ level }) => level !== "note" || command.strict);
      const name = nameOf(command);
      host.out(command.json ? asJson({ ok: !isBad, ...found }) : plain(printFindings(found, name)));
      return isBad ? 1 : 0;
    }
    case "explain":
      return await explained(command, host);
  }
}

async function explained(command: ExplainCommand, host: Host): Promise<number> {
  const text = await textOf(command.config, host);
  const found = findingsOf(text, command);
  if (found.version === undefined) {
    host.err(plain(printFindings(found, nameOf(command))));
    return 1;
  }
  const skipped = found.findings.filter(({ code }) => code === "malformed")
    .map(({ path }) => Number(/^Integrations\.(\d+)/.exec(path)?.[1]));
  const files: ExplainFiles = {
    skipped: new Set(skipped),
    configuration: loadConfiguration(text).configuration,
    secretKey: await secretKeyOf(command, host),
    body: command.body === undefined ? undefined : await bytesOf(command.body, host),
  };
  const result = await explain(command, files);
  host.out(command.json ? asJson(result) : plain(printExplained(result)));
  return result.failure === null ? 0 : 1;
}

async function secretKeyOf(command: ExplainCommand, host: Host): Promise<string | undefined> {
  const { secretKey, secretKeyFile } = command;
  if (secretKey !== undefined) {
    host.err(
      "The secret key stands in the list of processes and in the shell's history; use --secret-key-file",
    );
  }
  const key = secretKeyFile === undefined
    ? secretKey ?? host.env("STANCHION_SECRET_KEY")
    : (await textOf(secretKeyFile, host)).replace(/^\ufeff/, "").replace(/\r?\n$/, "");
  if (key === undefined) return undefined;
  if (key.trim() === "") throw new UsageError("The secret key is empty");
  return key;
}

function nameOf({ config }: Reading): string {
  return config === "-" ? "(standard input)" : config;
}

async function textOf(path: string, host: Host): Promise<string> {
  const bytes = await bytesOf(path, host);
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is not text in ${encoding.toUpperCase()}; save it as UTF-8`);
  }
}

/** The encoding by the byte-order mark; some shells write UTF-16. */
function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

async function bytesOf(path: string, host: Host): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await host.read(path);
  } catch (error) {
    throw new UsageError(whyUnread(path, error));
  }
  if (bytes.length > longest) throw new UsageError(`${path} has more than ${longest} bytes`);
  return bytes;
}

function whyUnread(path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return `There is no file ${path}`;
    case "EISDIR":
      return `${path} is a folder`;
    case "EACCES":
    case "EPERM":
      return `${path} may not be read`;
    default:
      return `Cannot read ${path}: ${error instanceof Error ? error.message : error}`;
  }
}
