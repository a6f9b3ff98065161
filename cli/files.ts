import { UsageError } from "./arguments.ts";
import type { Host } from "./host.ts";

/** No file is longer, in bytes. */
const longest = 67_108_864;

/** Reads a text. */
export async function textOf(path: string, host: Host): Promise<string> {
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

/** Reads a file. */
export async function bytesOf(path: string, host: Host): Promise<Uint8Array<ArrayBuffer>> {
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
