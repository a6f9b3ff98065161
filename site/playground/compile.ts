/** Makes a module of what was typed: types are taken out, and what is imported from the package is found. */

import { parse } from "acorn";
import { transform } from "sucrase";
import type { Wrong } from "./messages.ts";

/** The code is no code. */
export class CodeError extends Error {
  readonly wrong: Wrong;

  constructor(message: string, line: number | undefined) {
    super(message);
    this.wrong = { message, line };
  }
}

/** What a statement imports. */
export interface Import {
  /** Where the module is. */
  readonly url: string;
  /** Its name, as it was typed. */
  readonly from: string;
  readonly names: readonly string[];
  readonly line: number | undefined;
}

/** A module that can be loaded. */
export interface Compiled {
  readonly script: string;
  readonly imports: readonly Import[];
}

/** A part of the syntax, as much of it as is looked at. */
interface Node {
  readonly type: string;
  readonly source?: { readonly value: unknown; readonly start: number; readonly end: number } | null;
  readonly specifiers?: readonly { readonly imported?: { readonly name?: string } }[];
  readonly loc?: { readonly start: { readonly line: number } };
}

/**
 * Compiles a module. Lines stay where they are.
 *
 * @param code TypeScript.
 * @param library Where each module of the package is, by what one imports from.
 * @throws {CodeError} When it cannot be read, or imports what there is not.
 */
export function compile(code: string, library: Readonly<Record<string, string>>): Compiled {
  const script = located(() =>
    transform(code, { transforms: ["typescript"], disableESTransforms: true }).code
  );
  const { body } = located(() =>
    parse(script, { ecmaVersion: "latest", sourceType: "module", locations: true })
  );
  const imports: Import[] = [];
  let made = script;
  // From the end, so that what is before stays where it is.
  for (const node of importsOf(body as unknown as readonly Node[]).reverse()) {
    const { source } = node;
    if (source === null || source === undefined) continue;
    if (typeof source.value !== "string") {
      throw new CodeError("An import must name its module as a text here", node.loc?.start.line);
    }
    const url = library[source.value];
    if (url === undefined) {
      throw new CodeError(
        `There is no ${JSON.stringify(source.value)} here. What can be imported: ${
          Object.keys(library).join(", ")
        }`,
        node.loc?.start.line,
      );
    }
    imports.push({
      ...{ url, from: source.value, line: node.loc?.start.line },
      names: node.specifiers?.flatMap(({ imported }) => imported?.name ?? []) ?? [],
    });
    made = made.slice(0, source.start) + JSON.stringify(url) + made.slice(source.end);
  }
  return { script: made, imports };
}

/** All that imports, in order: statements, and calls of `import()` with a text. */
function importsOf(body: readonly Node[]): Node[] {
  const found: Node[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    // Whatever is in a tree of syntax has members.
    const node = value as Node;
    if (/^(?:Import|Export\w+Declaration)/.test(node.type ?? "") && node.source?.start !== undefined) {
      found.push(node);
    }
    Object.values(node).forEach(visit);
  };
  visit(body);
  return found;
}

/** Does something, and tells of what goes wrong by its line. */
function located<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    // Both libraries say where it is.
    const { message, loc } = error as Error & { readonly loc?: { readonly line: number } };
    throw new CodeError(
      message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, ""),
      loc?.line,
    );
  }
}
