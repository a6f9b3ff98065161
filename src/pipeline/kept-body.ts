import { ownKeyFinder } from "./own-key.ts";

const keyOf = ownKeyFinder("response", () => new Response(null));

/**
 * Whether Deno keeps the body of a response as it was given, a text or bytes, as it does until somebody asks for the body. To ask turns it into a
 * stream, which costs a server more than the gate and all else together; to clone the response does not. Where Deno keeps it in another way, the
 * stream is what is left.
 */
export function isKept(response: Response): boolean {
  // Deno makes the parts of a response when somebody looks at them.
  void response.headers;
  const key = keyOf(response);
  const inner = key === undefined ? undefined : memberOf(response, key);
  const kept = memberOf(memberOf(inner, "body"), "streamOrStatic");
  const body = memberOf(kept, "body");
  return (typeof body === "string" || body instanceof Uint8Array) && memberOf(kept, "consumed") === false;
}

/** Whether a response that was made of a text keeps it, so that to clone it makes no stream. */
export function keepsText(response: Response): boolean {
  return "Bun" in globalThis || isKept(response);
}

/** A member of whatever it is. */
function memberOf(value: unknown, name: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
