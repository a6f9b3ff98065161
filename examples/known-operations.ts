/**
 * Operations of GraphQL that anybody may ask for without a place, for `examples/graphql.ts`.
 *
 * @module
 */

/** Answers a request past the gate, or leaves it to the gate by `undefined`. */
export type OpenHandler = (request: Request) => Response | Promise<Response> | undefined;

/** What of a request's headers the server may know; everything else that could tell it what to do stays behind. */
const handedOn = ["authorization", "cookie", "accept-language"];

/**
 * Makes a handler of documents that are known not to need a place, each under an address of its own: `GET <folder>/<name>`.
 * The document is taken from the list, never from the request, which gives the variables and nothing else. So whatever a visitor
 * writes, and whatever of it the server would understand, nothing is executed here but what stands in the list.
 *
 * @param folder The path above the documents, without a slash at its end.
 * @param documents The documents by their names, such as hashes that a build made. They hold no field that is protected.
 * @param execute The server of GraphQL.
 * @returns The handler; what it does not know is the gate's.
 */
export function knownOperations(
  folder: string,
  documents: Readonly<Record<string, string>>,
  execute: (request: Request) => Response | Promise<Response>,
): OpenHandler {
  // Unlike an object, it has no names of its own, such as `constructor`.
  const known = new Map(Object.entries(documents).map(([name, document]) => [`${folder}/${name}`, document]));
  return (request) => {
    if (request.method !== "GET" || !URL.canParse(request.url)) return undefined;
    const { origin, pathname, searchParams } = new URL(request.url);
    const query = known.get(pathname);
    if (query === undefined) return undefined;
    const variables = readVariables(searchParams.get("variables") ?? "{}");
    if (variables === undefined) {
      return new Response("The variables are no object of JSON.\n", { status: 400 });
    }
    const headers = new Headers({ "content-type": "application/json", accept: "application/json" });
    for (const name of handedOn) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    const body = JSON.stringify({ query, variables });
    return execute(new Request(`${origin}/graphql`, { method: "POST", headers, body }));
  };
}

function readVariables(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
