import { redacted } from "../../src/telemetry/plain-explanation.ts";

/** Leaves secrets out of whatever is printed. */
export interface Curtain {
  /** Takes note of a secret. */
  add(secret: string | undefined): void;
  /** A text without secrets, in whatever form they travel. */
  hide(text: string): string;
  /** The same for all texts of a value. */
  hideIn(value: unknown): unknown;
}

/** What is shorter is part of other words; it is never put into a sentence. */
const shortest = 4;

/** Makes the curtain before everything that is printed. */
export function createCurtain(): Curtain {
  const secrets = new Set<string>();

  function hide(text: string): string {
    let hidden = text;
    const longestFirst = [...secrets].sort((one, other) => other.length - one.length);
    for (const secret of longestFirst) hidden = hidden.replaceAll(secret, redacted);
    return hidden;
  }

  function hideIn(value: unknown): unknown {
    if (typeof value === "string") return hide(value);
    if (Array.isArray(value)) return value.map(hideIn);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, hideIn(each)]));
  }

  return {
    add(secret) {
      if (secret === undefined || secret.length < shortest) return;
      const spelled = [
        secret,
        encodeURIComponent(secret.toWellFormed()),
        JSON.stringify(secret).slice(1, -1),
      ];
      for (const form of spelled) secrets.add(form);
    },
    hide,
    hideIn,
  };
}
