const encoder = new TextEncoder();
const ascii = /^[\0-\x7f]*$/;

/** As much of a response of Node's servers as is used here. */
interface TextSink {
  end(whole: Uint8Array): unknown;
  end(whole: string, encoding: "latin1"): unknown;
}

/**
 * A text as it is sent at once; its `length` is that of the body. Node puts a text behind the head and encodes both as UTF-8, by which headers beyond ASCII
 * that somebody set become others. Bytes leave them alone, and so does what is the same in Latin-1, in which heads are written: to look at a longer one
 * would take longer than to write two pieces.
 */
export function wholeOf(content: string): string | Uint8Array {
  return content.length <= 2000 && ascii.test(content) ? content : encoder.encode(content);
}

/** Sends such a text behind the head. */
export function endWith(outgoing: TextSink, whole: string | Uint8Array): void {
  if (typeof whole === "string") outgoing.end(whole, "latin1");
  else outgoing.end(whole);
}
