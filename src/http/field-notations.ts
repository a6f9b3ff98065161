/** The fields of a body in the notations in which an owner may have named them: as a form, and as JSON. */

import { isPlainName, type Names, namesOf } from "./field-names.ts";
import { decodeFormText } from "./form-encoding.ts";
import { jsonAsForm } from "./json-fields.ts";
import { plainNumber } from "./json-number.ts";
import { type Field, multipartFields } from "./multipart.ts";

/**
 * Writes the fields of a body, however they were sent, as `a=x&b=y`, and as `{"a":"x","b":"y"}`; members of members by each
 * of their notations.
 *
 * @param text The body, without NULs.
 * @returns The notations; `undefined` for fields that cannot be told, or are too many to be looked at.
 */
export function* fieldNotations(text: string): Generator<string | undefined> {
  const parts = multipartFields(text);
  if (parts === undefined) yield undefined;
  else if (parts.length > 0) yield* notations(parts.flatMap(partForms));
  if (text.includes("=")) {
    const form = text.replace(/%5b/gi, "[").replace(/%5d/gi, "]");
    yield* notations(formFields(form));
    if (form.includes(";")) yield* notations(formFields(form.replaceAll(";", "&")));
  }
  if (text.includes("{")) yield* jsonNotations(text);
}

/** How many fields are looked at, of which most frameworks take a thousand, and how many notations they may have. */
const maxFields = 4096;
const maxNotations = 8192;
/** How many names may have others. */
const maxNames = 512;

function formFields(text: string): readonly Field[] {
  const fields: Field[] = [];
  for (let from = 0; from < text.length;) {
    const equals = text.indexOf("=", from);
    if (equals === -1 || fields.length > maxFields) break;
    const next = text.indexOf("&", equals);
    const end = next === -1 ? text.length : next;
    // Names without a value stand for themselves.
    const start = Math.max(from, text.lastIndexOf("&", equals) + 1);
    fields.push(fieldOf(text, start, equals, end));
    // To some, a name that has brackets ends with them.
    const bracket = text.slice(start, end).indexOf("]=", equals - start);
    if (bracket !== -1) fields.push(fieldOf(text, start, start + bracket + 1, end));
    from = end + 1;
  }
  return fields;
}

function fieldOf(text: string, start: number, equals: number, end: number): Field {
  return {
    name: decodeFormText(text.slice(start, equals)),
    value: decodeFormText(text.slice(equals + 1, end)),
  };
}

/** What parsers make of a part: some undo escapes in names, and some take less for a boundary. */
function partForms(field: Field): readonly Field[] {
  const { name, value } = field;
  const fields = [field];
  const end = value.search(/\r?\n--/);
  if (end !== -1) fields.push({ name, value: value.slice(0, end) });
  return name.includes("%") ? fields.flatMap((one) => [one, { ...one, name: decodeFormText(name) }]) : fields;
}

function* notations(fields: readonly Field[]): Generator<string | undefined> {
  const names = fields.length > maxFields ? undefined : allNames(fields);
  if (names === undefined) return yield undefined;
  const values = fields.map(({ value }) => value);
  const texts = values.map((value) => JSON.stringify(value));
  const literals = values.map(literal);
  const plain = values.map((value, at) => literals[at] ?? value);
  const hasOthers = plain.some((value, at) => value !== values[at]);
  const bare = literals.some((value) => value !== undefined)
    ? texts.map((text, at) => literals[at] ?? text)
    : undefined;
  const most = names.reduce((most, { form, json }) => Math.max(most, form.length, json.length), 0);
  for (let way = 0; way < most; way++) {
    yield asForm(names, values, way);
    if (hasOthers) yield asForm(names, plain, way);
    yield asJson(names, texts, way);
    if (bare !== undefined) yield asJson(names, bare, way);
  }
  for (const value of values) if (value.includes("{")) yield* jsonNotations(value);
}

/** The notations of all names; `undefined` where too many of them have some. */
function allNames(fields: readonly Field[]): readonly Names[] | undefined {
  const known = new Map<string, Names>();
  let structured = 0;
  let notations = 0;
  const names: Names[] = [];
  for (const { name } of fields) {
    // An element of a list is any of them.
    const key = name.replace(/\[\d+\]/g, "[0]");
    let made = known.get(key);
    if (made === undefined) {
      if (!isPlainName(key) && ++structured > maxNames) return undefined;
      known.set(key, made = namesOf(key));
    }
    notations += made.form.length + made.json.length;
    if (notations > maxNotations) return undefined;
    names.push(made);
  }
  return names;
}

function* jsonNotations(text: string): Generator<string | undefined> {
  const forms = jsonAsForm(text);
  if (forms === undefined) yield undefined;
  else yield* forms;
}

/** A number, or a word of JSON, as JSON has it; `undefined` for any other text. */
function literal(value: string): string | undefined {
  if (/^\s*-?\d[\d.eE+-]*\s*$/.test(value)) return plainNumber(value.trim());
  return value === "true" || value === "false" || value === "null" ? value : undefined;
}

/** The fields by their names of this number, as a form has them; those that have fewer, by their last. */
function asForm(names: readonly Names[], values: readonly string[], way: number): string {
  let text = "";
  for (let at = 0; at < names.length; at++) {
    const { form } = names[at] as Names;
    text += `${at === 0 ? "" : "&"}${form[Math.min(way, form.length - 1)]}=${values[at]}`;
  }
  return text;
}

/** The same as JSON has them. */
function asJson(names: readonly Names[], values: readonly string[], way: number): string {
  let text = "{";
  for (let at = 0; at < names.length; at++) {
    const { json } = names[at] as Names;
    const [before, after] = json[Math.min(way, json.length - 1)] ?? ["", ""];
    text += `${at === 0 ? "" : ","}${before}${values[at]}${after}`;
  }
  return `${text}}`;
}
