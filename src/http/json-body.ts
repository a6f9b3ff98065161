import { readText } from "./read-text.ts";

/** A body that was read, or the status and the words with which it is refused. */
export type JsonBody = { readonly value: unknown } | { readonly status: number; readonly detail: string };

const json = /^application\/json\s*(?:;\s*charset\s*=\s*(?:utf-8|"utf-8")\s*)?$/i;

/** Reads a body of JSON, within limits. Never throws, never rejects. */
export async function readJsonBody(
  request: Request,
  { maxBytes, timeoutMs }: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<JsonBody> {
  const { headers } = request;
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (!json.test(headers.get("content-type")?.trim() ?? "") || coding !== "identity") {
    return { status: 415, detail: "Send JSON, with content-type: application/json, and no content-encoding" };
  }
  const tooLong = { status: 413, detail: `The body may have ${maxBytes} bytes` };
  if (Number(headers.get("content-length") ?? 0) > maxBytes) return tooLong;
  const { end, text } = await readText(request.body, { maxBytes, timeoutMs, isStrict: true });
  if (end === "broken") return { status: 400, detail: "The body cannot be read, or is not UTF-8" };
  if (end === "long") return tooLong;
  if (end === "late") return { status: 408, detail: `The body did not arrive within ${timeoutMs} ms` };
  try {
    return { value: JSON.parse(text, refuseSpecial) };
  } catch {
    return { status: 400, detail: "The body is not JSON, or has a name that no member may have" };
  }
}

/** Names by which objects are changed that nobody meant. */
function refuseSpecial(name: string, value: unknown): unknown {
  if (name === "__proto__" || name === "constructor" || name === "prototype") throw new SyntaxError(name);
  return value;
}
