import { qualityList, type Wish } from "./quality-list.ts";

/** The headers on which {@linkcode isProgram} depends. */
export const clientHeaders = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, X-Requested-With, RSC, Upgrade";

/** What a browser opens in a tab or a frame. */
const pages: readonly unknown[] = ["document", "iframe", "frame", "fencedframe", "embed", "object"];

/** Tells whether a browser opens what is asked for in a tab or a frame, by its own word, which no script can change. */
export function isPage(headers: Headers): boolean {
  return headers.get("sec-fetch-mode") === "navigate" || pages.includes(headers.get("sec-fetch-dest"));
}

/**
 * Tells whether a request was made by a program that reads the answer, rather than by a browser that shows it. What the
 * browser itself says counts most, then what libraries say, then the formats that are accepted.
 */
export function isProgram(headers: Headers): boolean {
  if (isPage(headers)) return false;
  if (headers.get("sec-fetch-mode") || headers.get("sec-fetch-dest")) return true;
  if (headers.get("x-requested-with")?.toLowerCase() === "xmlhttprequest") return true;
  if (headers.get("rsc") === "1" || headers.get("upgrade")?.toLowerCase() === "websocket") return true;
  return prefersData(headers.get("accept"));
}

interface Preference {
  readonly q: number;
  /** 3 for the type itself, 2 for its group, 1 for everything, 0 when it is not accepted. */
  readonly precision: number;
}

/** Tells whether JSON is asked for rather than HTML, or HTML not at all (RFC 9110, section 12.5.1). */
function prefersData(header: string | null): boolean {
  if (!header) return false;
  const ranges = qualityList(header).filter(({ value }) => /^[^\s/]+\/[^\s/]+$/.test(value));
  if (ranges.length === 0) return false;
  const html = preference(ranges, "text/html", (type) => type === "application/xhtml+xml");
  if (html.q === 0) return true;
  const json = preference(ranges, "application/json", (type) => type.endsWith("+json"));
  if (json.precision < 2) return false;
  return json.q > html.q || (json.q === html.q && json.precision > html.precision);
}

/** How much a type is wanted, or one of its relatives that is named. The most precise range counts. */
function preference(
  ranges: readonly Wish[],
  type: string,
  isRelative: (type: string) => boolean,
): Preference {
  const group = `${type.slice(0, type.indexOf("/"))}/*`;
  let best: Preference = { q: 0, precision: 0 };
  let relative = 0;
  for (const range of ranges) {
    const precision = range.value === type ? 3 : range.value === group ? 2 : range.value === "*/*" ? 1 : 0;
    if (precision > best.precision) best = { q: range.q, precision };
    if (isRelative(range.value)) relative = Math.max(relative, range.q);
  }
  return relative > best.q || (relative === best.q && relative > 0) ? { q: relative, precision: 3 } : best;
}
