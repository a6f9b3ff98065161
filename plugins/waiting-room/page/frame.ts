import { escapeHtml } from "../../../src/http/escape-html.ts";
import { darkColours, icon, lightColours, pageStyle, ropes } from "../../../src/look/mod.ts";

/** How a page looks, and in which language it is. */
export interface Look {
  readonly language: string;
  readonly direction?: "rtl" | undefined;
  /** Writes a text of the owner so that it stands in HTML as it is. */
  readonly write: (text: string) => string;
  readonly style: string;
  /** The address of a picture; `undefined` for none. */
  readonly logo?: string | undefined;
}

/** What all pages of a room have in common, with what is their own. */
export interface Frame {
  /** What the title of the document says before the name of the room, as HTML; left out for nothing. */
  readonly heading?: string;
  /** The name of the room, as its owner calls it. */
  readonly name: string;
  readonly nonce: string;
  /** English, in our own colours, where it is left out. */
  readonly look?: Look;
  /** When a browser without scripts asks again, and for what, as `Refresh` says it; left out for never. */
  readonly refresh?: string | undefined;
  /** What stands below the name, as HTML. */
  readonly main: string;
  /** What stands at the foot, as HTML; `""` for nothing. */
  readonly foot?: string;
  /** What stands behind that, as HTML. */
  readonly behind?: string;
}

const plainLook: Look = { language: "en", write: escapeHtml, style: pageStyle(lightColours, darkColours) };

/** The rope, where there is no way to show with it. */
export const closedRopes: string = `<div class="way">${ropes}</div>\n`;

/** A page of a room as HTML, without the tags that may be left out: each byte is sent to everybody who waits. */
export function frameOf(
  { heading, name, nonce, look = plainLook, refresh, main, foot = "", behind = "" }: Frame,
): string {
  const { language, direction, write, style, logo } = look;
  const shown = write(name);
  const again = refresh === undefined
    ? ""
    : `<noscript><meta http-equiv="refresh" content="${escapeHtml(refresh)}"></noscript>\n`;
  const picture = logo === undefined
    ? `<p class="dot" dir="auto">`
    : `<img src="${write(logo)}" alt=""><p dir="auto">`;
  return `<!doctype html>
<html lang="${language}"${direction === undefined ? "" : ` dir="${direction}"`}>
<meta charset=utf-8>
<meta name=viewport content="width=device-width,initial-scale=1">
<title>${heading === undefined ? "" : `${heading} &middot; `}${shown}</title>
<link rel=icon href="${icon}">
${again}<style nonce="${nonce}">${style}</style>
<header>${picture}${shown}</p></header>
<main>
${main}</main>
${foot === "" ? "" : `<footer>${foot}</footer>\n`}${behind}`;
}
