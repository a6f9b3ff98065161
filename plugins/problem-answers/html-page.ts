import { escapeHtml } from "../../src/http/escape-html.ts";

/** Headers of a page. */
export const html: Readonly<Record<string, string>> = { "content-type": "text/html; charset=utf-8" };

/**
 * What opens an address once it is in a page, without a script, which the page may forbid: "When a meta element is inserted into the
 * document", https://html.spec.whatwg.org/#pragma-directives.
 */
export function refresh(location: string, attributes: string = ""): string {
  return `<meta http-equiv="refresh" content="0; url=${escapeHtml(location)}"${attributes}>`;
}

/**
 * A page that opens an address, and says what it is where that does not happen. It is whole in its only element, too.
 *
 * @param more What stands in that element.
 * @param head What opens the address.
 */
export function htmlPage(location: string, more: string = "", head: string = refresh(location)): string {
  return `<!doctype html><html><head><meta charset="utf-8"><title>Waiting room</title>${head}</head>` +
    `<body><main>${more}<p><a href="${
      escapeHtml(location)
    }">Go to the waiting room</a></p></main></body></html>`;
}
