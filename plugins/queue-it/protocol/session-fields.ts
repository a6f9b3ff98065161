/** The fields of a cookie as they stand there. */
export interface SessionFields {
  roomId: string | undefined;
  queueId: string | undefined;
  fixed: string | undefined;
  redirectType: string | undefined;
  issued: string | undefined;
  hashedAddress: string | undefined;
  seal: string | undefined;
  hash: string | undefined;
}

/** The same, and what was overlooked in reading them. */
export interface RawSession extends Readonly<SessionFields> {
  /** Whether every part has one equals sign and no name occurs twice. */
  readonly isPlain: boolean;
  /** Whether all fields are known, and in the order in which they are written. */
  readonly isOrdered: boolean;
}

/** The names of the fields, in the order in which they are written. */
const fieldNames: ReadonlyMap<string, keyof SessionFields> = new Map<string, keyof SessionFields>([
  ["EventId", "roomId"],
  ["QueueId", "queueId"],
  ["FixedValidityMins", "fixed"],
  ["RedirectType", "redirectType"],
  ["IssueTime", "issued"],
  ["Hip", "hashedAddress"],
  ["Seal", "seal"],
  ["Hash", "hash"],
]);
const order: readonly (keyof SessionFields)[] = [...fieldNames.values()];

/** A text of which one field after the other is taken. */
class Rest {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The value of a field if it is the next one, which ends before another equals sign. */
  take(name: string): string | undefined {
    const { text, at } = this;
    if (!text.startsWith(name, at)) return undefined;
    const start = at + name.length;
    const ampersand = text.indexOf("&", start);
    const end = ampersand === -1 ? text.length : ampersand;
    // Beyond the end it is the next field's.
    const equals = text.indexOf("=", start);
    if (equals !== -1 && equals < end) return undefined;
    // Behind the last one there is nothing, not even an empty part.
    this.at = end + 1;
    return text.slice(start, end);
  }
}

/** Splits what is spelled as it is written, and leaves everything else to {@linkcode splitLeniently}. */
export function split(value: string): RawSession {
  const rest = new Rest(value);
  const raw: RawSession = {
    roomId: rest.take("EventId="),
    queueId: rest.take("QueueId="),
    fixed: rest.take("FixedValidityMins="),
    redirectType: rest.take("RedirectType="),
    issued: rest.take("IssueTime="),
    hashedAddress: rest.take("Hip="),
    seal: rest.take("Seal="),
    hash: rest.take("Hash="),
    isPlain: true,
    isOrdered: true,
  };
  return rest.at === value.length + 1 ? raw : splitLeniently(value);
}

/** Splits as the deployed readers do; what they overlook is noted. */
export function splitLeniently(value: string): RawSession {
  const fields: SessionFields = {
    roomId: undefined,
    queueId: undefined,
    fixed: undefined,
    redirectType: undefined,
    issued: undefined,
    hashedAddress: undefined,
    seal: undefined,
    hash: undefined,
  };
  const parts = value.split("&");
  let isPlain = true;
  let isOrdered = true;
  let last = -1;
  let others: Set<string> | undefined;
  for (const part of parts) {
    const equals = part.indexOf("=");
    const second = equals === -1 ? -1 : part.indexOf("=", equals + 1);
    if (equals === -1 || second !== -1) isPlain = false;
    const name = equals === -1 ? part : part.slice(0, equals);
    const field = fieldNames.get(name);
    if (field === undefined) {
      isOrdered = false;
      others ??= new Set();
      if (others.has(name)) isPlain = false;
      others.add(name);
      continue;
    }
    if (fields[field] !== undefined) isPlain = false;
    fields[field] = equals === -1 ? "" : part.slice(equals + 1, second === -1 ? undefined : second);
    const place = order.indexOf(field);
    if (place <= last) isOrdered = false;
    last = place;
  }
  return { ...fields, isPlain, isOrdered };
}

/** What the protocol signs: the values without anything between them, which is why their shapes matter. */
export function messageOf(raw: Readonly<SessionFields>): string {
  return (raw.roomId ?? "") + (raw.queueId ?? "") + (raw.fixed ?? "") + (raw.redirectType ?? "") +
    (raw.issued ?? "") + (raw.hashedAddress ?? "");
}

/** What our own seal signs: each value behind its length, and a word that no other text of ours begins with. */
export function sealedText(raw: Readonly<SessionFields>): string {
  let text = "stanchion/seal/1";
  for (const field of order) {
    if (field === "seal" || field === "hash") continue;
    const value = raw[field] ?? "";
    text += `|${value.length}:${value}`;
  }
  return text;
}

/** Seconds since 1970 have ten digits until 2286: of any other number, one could stand in the field before or behind. */
const timeDigits = 10;

/** Tells whether a text is a time, in as many digits as those of the present have. */
export function isTime(text: string): boolean {
  return text.length === timeDigits && isDigits(text, timeDigits);
}

/** The time that a field says; `NaN` for none. */
export function readTime(text: string): number {
  // What is written is a time nearly always, whose digits are added up faster than a number of any form is read.
  if (!isTime(text)) return Number.parseInt(text);
  let time = 0;
  for (let at = 0; at < timeDigits; at++) time = 10 * time + text.charCodeAt(at) - 48;
  return time;
}

/** Spells a time of any clock as {@linkcode isTime} wants it. */
export function timeOf(seconds: number): string {
  return String(seconds).padStart(timeDigits, "0");
}

/** The ids of visitors that the service makes: GUIDs. */
export const guidPattern: RegExp = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** A pattern of which the whole text must be, without the flags that make an expression remember or look at lines. */
export function wholePattern({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, ""));
}

/** Tells whether a text is made of digits, at least one and at most so many. */
export function isDigits(text: string, most: number): boolean {
  if (text === "" || text.length > most) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Tells whether a text is made of the letters of English, or empty. */
export function isLetters(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) | 32;
    if (code < 97 || code > 122) return false;
  }
  return true;
}

/** Tells whether a text is a hash in hexadecimal digits. */
export function isHash(text: string): boolean {
  return text.length === 64 && /^[0-9a-f]+$/i.test(text);
}
