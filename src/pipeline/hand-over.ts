/** Looks at what platforms hand over beside a request, of which anything may be missing, odd or in the way. */

/** A property of an object, read as unknown; what cannot be read is `undefined`. Some contexts throw of what they lack. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    // The property is read as unknown, whatever the object is.
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** What stands at the end of a path of properties. */
export function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (found === undefined) return undefined;
    found = field(found, name);
  }
  return found;
}

/** A property that is a text. */
export function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

/** Whether an object has a property that is an object. */
export function hasObject(value: unknown, name: string): boolean {
  const found = field(value, name);
  return typeof found === "object" && found !== null;
}

/** Whether an object has a method. */
export function hasMethod<N extends string>(
  value: unknown,
  name: N,
): value is { readonly [K in N]: (argument?: unknown) => unknown } {
  return typeof field(value, name) === "function";
}

/**
 * What servers built on srvx, such as those of h3 2 and Nitro 3, tell of the server below: `runtime` of the request has one
 * object under its name (`ServerRuntimeContext` of srvx 1). Events of h3 2 have that request as `req`.
 */
export function runtimesOf(request: Request, args: readonly unknown[]): readonly unknown[] {
  let found = runtimesIn(request, none);
  for (const arg of args) found = runtimesIn(field(arg, "req"), found);
  return found;
}

const none: readonly unknown[] = [];

function runtimesIn(holder: unknown, found: readonly unknown[]): readonly unknown[] {
  const runtime = field(holder, "runtime");
  if (typeof runtime !== "object" || runtime === null) return found;
  const names = ["node", "deno", "bun", "cloudflare", "awsLambda", "netlify", "vercel"];
  return [...found, ...names.filter((name) => hasObject(runtime, name)).map((name) => field(runtime, name))];
}
