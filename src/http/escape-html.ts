/** Writes a text so that it stands in HTML as it is, also between the double quotes of an attribute. */
export function escapeHtml(text: string): string {
  // Most have nothing to escape, and four searches take longer than one.
  if (!/[&"<>]/.test(text)) return text;
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(
    ">",
    "&gt;",
  );
}
