/** What a document is that is no integration configuration: Queue-it and its panel give out several. */

const published =
  "the one that is published is at /status/integrationconfig/secure/<customer id>, and has Version and Integrations";

/** Says of what was parsed from JSON, and is no configuration, what it is instead; it names members and never shows values. */
export function otherDocument(value: unknown): string {
  if (typeof value === "string") {
    return /^\s*[[{]/.test(value)
      ? "It is JSON within a text of JSON: parse it once more"
      : `It is a text in quotation marks; ${published}`;
  }
  if (Array.isArray(value)) {
    const what = value.some(isIntegration) ? "the list of the integrations alone" : "a list";
    return `It is ${what}; ${published}`;
  }
  if (typeof value !== "object" || value === null) {
    return `It is ${value === null ? "null" : typeof value}; ${published}`;
  }
  const names = Object.keys(value);
  const [wrapper] = Object.entries(value).find(([, inner]) => isConfiguration(inner)) ?? [];
  if (names.includes("integrationInfo")) {
    return 'It is the document that Queue-it pushes: pushEndpoint() takes that, or decode the hexadecimal digits of "integrationInfo"';
  }
  if (wrapper !== undefined) return `The configuration is within it, as ${shown([wrapper])}: hand that over`;
  if (isIntegration(value)) return `It is a single integration; ${published}`;
  if (names.includes("TriggerParts")) return `It is a single trigger; ${published}`;
  const spelled = ["Version", "Integrations"].flatMap((wanted) => {
    const other = names.find((name) => name !== wanted && name.toLowerCase() === wanted.toLowerCase());
    return other === undefined ? [] : [`"${wanted}" is spelled ${shown([other])}`];
  });
  if (spelled.length > 0) return `The case of names counts: ${spelled.join(" and ")}`;
  if (names.length === 0) return `It has no members; ${published}`;
  if (names.includes("Integrations")) {
    return 'It has "Integrations" and no "Version": it was not published, or is cut';
  }
  return `It is another document, with ${shown(names)}; ${published}`;
}

function isConfiguration(value: unknown): boolean {
  return typeof value === "object" && value !== null && "Version" in value && "Integrations" in value;
}

function isIntegration(value: unknown): boolean {
  return typeof value === "object" && value !== null && !("Integrations" in value) && "Triggers" in value &&
    ("ActionType" in value || "EventId" in value || "Name" in value);
}

function shown(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 40))).join(", ") + more;
}

/** Says of a text that is not JSON what it looks like. */
export function otherText(text: string): string {
  if (text.trim() === "") return ": it is empty";
  if (text.trim() === "undefined") return ': it is "undefined", as of a variable that is not set';
  if (text.includes("\0")) return ": it has NUL characters, as UTF-16 has that was read as UTF-8";
  if (/^\s*<(?:!doctype\s+html|html)/i.test(text)) return ": it is a page of HTML, perhaps that of a sign-in";
  if (/^\s*</.test(text)) return ": it looks like XML, and the configuration is wanted as JSON";
  if (/^\s*[{[]/.test(text) && !/[}\]]\s*$/.test(text)) return ": it ends too early";
  return /^(?:\.{0,2}\/|[a-z]:\\)?[\w./\\-]+\.json$/i.test(text.trim())
    ? ': it looks like the name of a file; use fileSource(() => readFile(name, "utf8"))'
    : "";
}
