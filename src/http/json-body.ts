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
  let text: string | 408 | 413;
  try {
    text = await readText(request, maxBytes, timeoutMs);
  } catch {
    return { status: 400, detail: "The body cannot be read, or is not UTF-8" };
  }
  if (text === 413) return tooLong;
  if (text === 408) return { status: 408, detail: `The body did not arrive within ${timeoutMs} ms` };
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

async function readText(request: Request, maxBytes: number, timeoutMs: number): Promise<string | 408 | 413> {
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  let text = "";
  let size = 0;
  let isWhole = false;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late]);
      if (next === "late") return 408;
      if (next.done) {
        isWhole = true;
        return text + decoder.decode();
      }
      size += next.value.byteLength;
      if (size > maxBytes) return 413;
      text += decoder.decode(next.value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
    if (!isWhole) reader.cancel().catch(() => {});
  }
}
