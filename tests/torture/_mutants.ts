/** Every text that lies next to a given one. */

/** A changed text, and what was done to it. */
export interface Mutant {
  readonly how: string;
  readonly text: string;
}

/** What stands in for a byte, beside its neighbours: digits, letters and all that separates anything somewhere. */
const others = [..."019afAFzZ_~&=%-.;, \"'\\+:{}[]#?/@\t\0\u00e9"];
/** What separates fields. */
const separators = new Set('&=~_":,{}[]');

/** Changes each byte, takes it out, doubles it, spells it anew, moves it, and cuts the text there. */
export function* bytewise(text: string): Generator<Mutant> {
  for (let at = 0; at <= text.length; at++) {
    const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
    for (const piece of others) yield { how: "insert", text: before + piece + here + after };
    if (here === "") break;
    const code = here.charCodeAt(0);
    for (
      const piece of new Set([
        ...others,
        ...[1, 2, 4, 8, 16, 32, 64].map((bit) => String.fromCharCode(code ^ bit)),
      ])
    ) {
      if (piece !== here) yield { how: "replace", text: before + piece + after };
    }
    yield { how: "delete", text: before + after };
    yield { how: "double", text: before + here + here + after };
    for (const hex of spellings(code)) yield { how: "encode", text: before + hex + after };
    for (const distance of [1, 2, 3]) {
      if (distance <= after.length) {
        yield { how: "swap", text: before + after.slice(0, distance) + here + after.slice(distance) };
      }
    }
    yield { how: "cut", text: before };
    yield { how: "cut the beginning", text: here + after };
    if (separators.has(here)) yield* moved(text, at);
  }
}

/** A separator, further left or right: what stood in one field stands in the next. */
function* moved(text: string, at: number): Generator<Mutant> {
  const rest = text.slice(0, at) + text.slice(at + 1);
  for (const distance of [-8, -4, -3, -2, -1, 1, 2, 3, 4, 8]) {
    const to = at + distance;
    if (to >= 0 && to <= rest.length) {
      yield { how: "move a separator", text: rest.slice(0, to) + text[at] + rest.slice(to) };
    }
  }
}

function spellings(code: number): readonly string[] {
  const hex = code.toString(16).padStart(2, "0");
  return [
    `%${hex}`,
    `%${hex.toUpperCase()}`,
    `%25${hex}`,
    `%u00${hex}`,
    `\\u00${hex}`,
    `\\x${hex}`,
    `&#${code};`,
  ];
}

/** A list of named fields, and how they are written. */
export interface Shape {
  /** The names of all fields, in their order. */
  readonly names: readonly string[];
  write(fields: readonly (readonly [name: string, value: string])[]): string;
}

/** Moves bytes between fields, leaves fields out, repeats, empties and reorders them, and adds such as were missing. */
export function* fieldwise(shape: Shape, fields: ReadonlyMap<string, string>): Generator<Mutant> {
  const list = [...fields];
  const { write, names } = shape;
  for (const from of names) {
    for (const to of names) {
      const [source, target] = [fields.get(from) ?? "", fields.get(to) ?? ""];
      if (from === to) continue;
      for (let count = 1; count <= Math.min(4, source.length); count++) {
        // Over any boundary, at either end, also into a field that was not there.
        for (
          const [rest, piece] of [[source.slice(count), source.slice(0, count)], [
            source.slice(0, -count),
            source.slice(-count),
          ]]
        ) {
          for (const joined of [`${target}${piece}`, `${piece}${target}`]) {
            const changed = new Map(fields).set(from, rest ?? "").set(to, joined);
            const ordered = names.filter((name) => changed.has(name)).map((name) =>
              [name, changed.get(name) ?? ""] as const
            );
            yield { how: "move bytes between fields", text: write(ordered) };
          }
        }
      }
      const exchanged = new Map(fields).set(from, target).set(to, source);
      yield { how: "exchange values", text: write([...exchanged]) };
    }
    const without = list.filter(([name]) => name !== from);
    yield { how: "leave a field out", text: write(without) };
    for (const value of ["", "0", "1", "1440", "99999999999", "a"]) {
      yield { how: "set a field", text: write([...new Map(fields).set(from, value)]) };
      yield { how: "repeat a field", text: write([...list, [from, value]]) };
      yield { how: "repeat a field", text: write([[from, value], ...list]) };
    }
    const value = fields.get(from);
    if (value === undefined) continue;
    yield { how: "repeat a field", text: write([...list, [from, value]]) };
    for (let at = 0; at <= without.length; at++) {
      yield {
        how: "reorder fields",
        text: write([...without.slice(0, at), [from, value], ...without.slice(at)]),
      };
    }
  }
}

/** Takes every choice of fields from one genuine text, and the others from another. */
export function* spliced(
  shape: Shape,
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): Generator<Mutant> {
  const { names, write } = shape;
  for (let choice = 1; choice < 2 ** names.length - 1; choice++) {
    const mixed: (readonly [string, string])[] = [];
    for (const [at, name] of names.entries()) {
      const value = ((choice >> at) & 1) === 1 ? other.get(name) : one.get(name);
      if (value !== undefined) mixed.push([name, value]);
    }
    yield { how: "splice two", text: write(mixed) };
  }
}
