/** Reads the text formats of metrics strictly, so that what is written wrongly is found. */

/** One number. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One family. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly samples: readonly ReadSample[];
}

/**
 * Reads a whole exposition.
 *
 * @throws When a line is not of the grammar, a family has no head, or a sample occurs twice.
 */
export function readExposition(text: string): readonly ReadFamily[] {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const families: (ReadFamily & { readonly samples: ReadSample[] })[] = [];
  const seen = new Set<string>();
  const lines = text.slice(0, -1).split("\n");
  const isOpen = lines.at(-1) === "# EOF";
  for (const line of isOpen ? lines.slice(0, -1) : lines) {
    const last = families.at(-1);
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (families.some((family) => family.name === name)) throw new Error(`${name} is there twice`);
      families.push({ name, help: rest, type: "", unit: undefined, samples: [] });
    } else if (last === undefined) {
      throw new Error(`This stands before any family: ${line}`);
    } else if (kind !== undefined) {
      if (last.name !== name || last.samples.length > 0) {
        throw new Error(`This is at the wrong place: ${line}`);
      }
      families[families.length - 1] = { ...last, [kind === "TYPE" ? "type" : "unit"]: rest };
    } else {
      const sample = readSample(line);
      const stem = sample.name.replace(/_total$/, "");
      const isIts = last.type === "histogram"
        ? new RegExp(`^${last.name}_(?:bucket|sum|count)$`).test(sample.name)
        : sample.name === last.name || (isOpen && last.type === "counter" && stem === last.name);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (!isIts || seen.has(key)) throw new Error(`This does not belong here: ${line}`);
      seen.add(key);
      last.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): ReadSample {
  const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/su.exec(line);
  if (found === null) throw new Error(`This is no sample: ${JSON.stringify(line)}`);
  const [, name = "", written = "", number = ""] = found;
  const labels: Record<string, string> = {};
  let rest = written;
  while (rest !== "") {
    const label = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?!$)|$)/su.exec(rest);
    if (label === null) throw new Error(`These are no labels: ${JSON.stringify(written)}`);
    const [whole, key = "", value = ""] = label;
    if (Object.hasOwn(labels, key)) throw new Error(`${key} is there twice: ${line}`);
    labels[key] = value.replaceAll(/\\(.)/g, (_, char: string) => char === "n" ? "\n" : char);
    rest = rest.slice(whole.length);
  }
  if (!/^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/.test(number)) {
    throw new Error(`No number: ${line}`);
  }
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
}
