const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/**
 * The same text with memory of its own, for what is remembered: engines keep the whole of a header for the part that was cut out of it. One with
 * half a character or a byte-order mark becomes another text.
 */
export function detached(text: string): string {
  return text === "" ? text : decoder.decode(encoder.encode(text));
}
