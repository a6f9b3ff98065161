/** The kind of whatever was thrown. An error may have a name that is no text, or that throws when it is asked for. */
export function kindOf(cause: unknown): string {
  try {
    if (cause instanceof Error && typeof cause.name === "string") return cause.name;
  } catch {
    // It keeps its name to itself.
  }
  return typeof cause;
}
