import { ownKeyFinder } from "./own-key.ts";

const keyOf = ownKeyFinder("response", () => new Response(null));

/**
 * The text of a response on Deno, which keeps it as it was given until somebody asks for the body. To ask turns it into a stream, which costs
 * a server more than the gate and all else together. Where Deno keeps it in another way, there is no text, and the stream is what is left.
 *
 * @param response A response whose headers were looked at, so that Deno has made its parts.
 */
export function keptText(response: Response): string | undefined {
  const key = keyOf(response);
  const inner = key === undefined ? undefined : memberOf(response, key);
  const kept = memberOf(memberOf(inner, "body"), "streamOrStatic");
  const text = memberOf(kept, "body");
  return typeof text === "string" && memberOf(kept, "consumed") === false ? text : undefined;
}

/** A member of whatever it is. */
function memberOf(value: unknown, name: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
