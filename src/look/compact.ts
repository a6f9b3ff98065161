/** Leaves out what is there for its readers: the indentation, and the ends of lines. Each line must be good beside the next. */
export function compact(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, "");
}
