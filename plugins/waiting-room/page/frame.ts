import { escapeHtml } from "../../../src/http/escape-html.ts";
import { style } from "./style.ts";
import { english } from "./texts.ts";

/** What all pages of a room have in common, with what is their own. */
export interface Frame {
  /** The title of the document. */
  readonly title: string;
  /** The name of the room, as its owner calls it. */
  readonly name: string;
  readonly nonce: string;
  /** When a browser without scripts asks again, and for what, as `Refresh` says it; left out for never. */
  readonly refresh?: string | undefined;
  /** What stands below the name, as HTML. */
  readonly main: string;
  /** What stands behind that, as HTML. */
  readonly behind?: string;
}

/** A page of a room as HTML. */
export function frameOf({ title, name, nonce, refresh, main, behind = "" }: Frame): string {
  const again = refresh === undefined
    ? ""
    : `<noscript><meta http-equiv="refresh" content="${escapeHtml(refresh)}"></noscript>\n`;
  return `<!doctype html>
<html lang="${english.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
${again}<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<p>${escapeHtml(name)}</p>
${main}</main>
${behind}</body>
</html>
`;
}
