/** Shows an answer: what it is, what was explained, and the visitor's cookies. */

import { make, table } from "./dom.ts";
import type { Cookie } from "./jar.ts";
import type { Answered, Explained } from "./messages.ts";

/** Nothing that a shown page names is loaded, and no script of it runs. */
const policy =
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">";

/** The answer itself. */
export function answerView(
  { status, headers, text, by }: Answered,
  where: string,
  refused: readonly string[],
): readonly HTMLElement[] {
  const isPage = /\bhtml\b/.test(headers.find(([name]) => name === "content-type")?.[1] ?? "");
  const frame = make("iframe", { title: "The answer as a page", sandbox: "" });
  if (isPage) frame.srcdoc = policy + withoutScripts(text);
  const source = make("pre", { tabindex: "0", "aria-label": "The body" }, text === "" ? "(no body)" : text);
  return [
    make(
      "p",
      { class: "status", "data-status": String(status) },
      make("strong", {}, String(status)),
      ` ${wordsFor(status)} · ${
        by === "gate" ? "by the gate and the application" : "by a service"
      } · ${where}`,
    ),
    ...refused.map((why) => make("p", { class: "wrong" }, `A browser refuses this cookie. ${why}.`)),
    table(
      "Headers of the answer",
      ["Header", "Value"],
      headers.map(([name, value]) => [name, make("span", { class: "long" }, value)]),
    ),
    isPage ? frame : source,
    ...(isPage ? [make("details", {}, make("summary", {}, "The source of the page"), source)] : []),
  ];
}

/** What `explain` told. */
export function explainView(explained: Explained | undefined): readonly HTMLElement[] {
  if (explained === undefined) return [make("p", {}, "A service has answered; the gate was not asked.")];
  const { action, reason, mode, failure, steps } = explained;
  return [
    make("p", { class: "decision" }, make("strong", {}, action), ` because of ${reason} (mode: ${mode})`),
    ...(failure === undefined
      ? []
      : [make("p", { class: "wrong" }, `The pipeline recovered from ${failure}`)]),
    table(
      "What each hook said",
      ["Hook", "Plugin", "Said", "Remarks"],
      steps.map(({ hook, plugin, said, notes }) => [hook, plugin, said, notes.join("; ")]),
    ),
  ];
}

/** The cookies of a visitor. */
export function cookieView(
  cookies: readonly Cookie[],
  now: number,
  remove: (cookie: Cookie) => void,
): readonly HTMLElement[] {
  if (cookies.length === 0) return [make("p", {}, "This visitor has no cookies.")];
  return [table(
    "Cookies of this visitor",
    ["Name", "Value", "For", "Kept", "Attributes", "Forget"],
    cookies.map((cookie) => [
      make("code", {}, cookie.name),
      make("code", { class: "long" }, cookie.value),
      `${cookie.isHostOnly ? "" : "*."}${cookie.domain}${cookie.path}`,
      cookie.expires === undefined
        ? "until the browser is closed"
        : `for ${Math.round((cookie.expires - now) / 1000)} s`,
      [...(cookie.isSecure ? ["Secure"] : []), ...cookie.others].join("; "),
      make(
        "button",
        { type: "button", "aria-label": `Forget ${cookie.name}`, onclick: () => remove(cookie) },
        "Forget",
      ),
    ]),
  )];
}

/** A page as it looks: what would run or go on by itself is refused by the frame, and taken out so that nobody wonders. */
function withoutScripts(text: string): string {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const each of page.querySelectorAll("script, meta[http-equiv=refresh i]")) each.remove();
  return page.documentElement.outerHTML;
}

function wordsFor(status: number): string {
  const words: Readonly<Record<number, string>> = {
    200: "OK",
    204: "No Content",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
  };
  return words[status] ?? "";
}
