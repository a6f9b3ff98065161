import type { IncomingMessage } from "node:http";
import { escapeHtml } from "../src/http/escape-html.ts";
import { darkColours, icon, lightColours, pageStyle, ropes } from "../src/look/mod.ts";
import type { OriginFault } from "./proxy/mod.ts";

const ours = "It is not your fault, and your place is kept.";

/** What is answered in the place of the site. */
const faults: Readonly<
  Record<OriginFault, { readonly status: number; readonly title: string; readonly text: string }>
> = {
  unreachable: {
    status: 502,
    title: "The site cannot be reached",
    text: ours,
  },
  malformed: {
    status: 502,
    title: "The site gave no proper answer",
    text: ours,
  },
  timeout: {
    status: 504,
    title: "The site takes too long to answer",
    text: ours,
  },
  unsent: {
    status: 408,
    title: "The rest of what you sent did not arrive",
    text: "The connection may be slow. Please send it again.",
  },
};

/** After how many seconds a page is asked for again. */
const againSeconds = 15;

/** Makes the answer where the site gave none: a page for people, one line for programs. Nobody keeps it. */
export function faultAnswer(
  fault: OriginFault,
  { method, headers }: IncomingMessage,
  nonce: string,
): Response {
  const { status, title, text } = faults[fault];
  const common = { "cache-control": "no-store", "retry-after": String(againSeconds) };
  if (!/\btext\/html\b/i.test(headers.accept ?? "")) {
    return new Response(`${title}.\n`, {
      status,
      headers: { ...common, "content-type": "text/plain; charset=utf-8" },
    });
  }
  const again = method === "GET" && fault !== "unsent"
    ? `<meta http-equiv="refresh" content="${againSeconds}">\n`
    : "";
  return new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
${again}<style nonce="${nonce}">${pageStyle(lightColours, darkColours)}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(again === "" ? text : `${text} This page tries again by itself.`)}</p>
<div class="way">${ropes}</div>
</main>
</body>
</html>
`,
    {
      status,
      headers: {
        ...common,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy":
          `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      },
    },
  );
}
