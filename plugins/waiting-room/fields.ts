import type { Context } from "../../src/context.ts";

/**
 * Reads what a page sends, in a form or as JSON: texts by their names; `true` is `"1"`. What cannot be read, and what is too long, says
 * nothing.
 */
export async function readFields(ctx: Context, longest: number): Promise<(name: string) => string> {
  const { text, complete } = await ctx.body();
  if (!complete || text.length > longest) return () => "";
  if (!/^application\/json\b/i.test(ctx.request.headers.get("content-type") ?? "")) {
    const form = new URLSearchParams(text);
    return (name) => form.get(name) ?? "";
  }
  const fields = membersOf(text);
  return (name) => {
    const value = fields.get(name);
    return typeof value === "string" ? value : value === true ? "1" : "";
  };
}

function membersOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return new Map(typeof body === "object" && body !== null ? Object.entries(body) : []);
  } catch {
    return new Map();
  }
}
