import type { HeaderChange, PlainAnswer } from "../decision.ts";
import type { GateError } from "../errors.ts";
import { applyChanges } from "../http/header-changes.ts";
import { foundOnce } from "../http/made-once.ts";
import { keepsGiven } from "./as-given.ts";
import { arePlain, changed, type FieldList, formOf, listOf, placeOf } from "./fields.ts";
import { Original } from "./original.ts";
import { PageHead } from "./page-head.ts";
import { withHeaders } from "./with-headers.ts";

/** By shape; a response can be cloned. Headers in another form than a plain object would be lost, and what cannot be looked at is none. */
export function isPlainAnswer(value: unknown): value is PlainAnswer {
  try {
    return typeof value === "object" && value !== null && !("clone" in value) && "status" in value &&
      typeof value.status === "number" && "headers" in value && typeof value.headers === "object" &&
      value.headers !== null && !(Symbol.iterator in value.headers) && "body" in value &&
      (value.body === null || typeof value.body === "string");
  } catch {
    return false;
  }
}

/** The response of an answer in parts. */
export function made({ status, headers, body }: PlainAnswer): Response {
  return new Response(body, { status, headers: { ...headers } });
}

/** An answer in parts, in the form in which hooks look at responses. Until all its headers are known, no response is made unless somebody looks. */
export class AnswerHead extends PageHead {
  readonly list: FieldList;
  readonly content: string | null;
  readonly #original: Original | undefined;

  constructor(status: number, list: FieldList, text: string | null, original?: Original) {
    super(status);
    this.list = list;
    this.content = text;
    this.#original = original;
  }

  override clone(): Response {
    return this.whole();
  }

  /** The response, with changes to its headers. */
  with(changes: readonly HeaderChange[], report: (error: GateError) => void): Response {
    const copy = changes.length === 0 ? this.#original?.copy() : undefined;
    return copy ?? responseOf(this.content, this.status, this.list, changes) ??
      withHeaders(this.whole(), changes, report);
  }

  /** The same with changes, of which nothing is made yet; `undefined` where they mean something else to a list. */
  held(changes: readonly HeaderChange[]): AnswerHead | undefined {
    const list = changed(this.list, changes);
    return list && new AnswerHead(this.status, list, this.content);
  }

  protected override fields(): Headers {
    return new Headers(formOf(this.list));
  }

  protected override whole(): Response {
    return new Response(this.content, { status: this.status, headers: formOf(this.list) });
  }
}

/** What stands for an answer in parts, if every platform sends it as it is; `undefined` where that takes a response to find out. */
export function headOf(answer: PlainAnswer): AnswerHead | undefined {
  const original = foundOnce(answer, originalOf);
  if (original === undefined) return headOfOne(answer);
  // Each visitor's is another one: hooks may write to its headers.
  return new AnswerHead(original.status, original.list, original.text, original);
}

function originalOf(answer: PlainAnswer): Original | undefined {
  const head = headOfOne(answer);
  return head && new Original(head.status, head.list, answer.body);
}

function headOfOne({ status, headers, body }: PlainAnswer): AnswerHead | undefined {
  const list = listOf(headers);
  if (list === undefined || !Number.isInteger(status) || status < 200 || status > 599) return undefined;
  // A text without a type gets one of the platform, and some statuses have no text.
  if (body !== null && (bodiless.includes(status) || placeOf(list, "content-type") === -1)) return undefined;
  return new AnswerHead(status, list, body);
}

const bodiless: readonly number[] = [204, 205, 304];

/**
 * A response of a list and changes to it; `undefined` where these mean something else to a list. Every platform takes longer for a plain object
 * than for one field after the other, up to twice as long; a server's own class writes a plain object as it is, and makes `Headers` of it for
 * whoever asks for them.
 */
function responseOf(
  body: string | null,
  status: number,
  list: FieldList,
  changes: readonly HeaderChange[],
): Response | undefined {
  if (keepsGiven()) {
    const all = changed(list, changes);
    return all && new Response(body, { status, headers: formOf(all) });
  }
  if (!arePlain(changes)) return undefined;
  const response = new Response(body, { status });
  applyChanges(applyChanges(response.headers, list), changes);
  return response;
}
