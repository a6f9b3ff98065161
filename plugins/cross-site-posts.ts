/**
 * Lets forms come back that another site sends: from a bank (3-D Secure), or from a sign-in (SAML).
 *
 * @module
 */

import { chain } from "../src/async/maybe-promise.ts";
import type { BodyText, Context } from "../src/context.ts";
import type { Decision } from "../src/decision.ts";
import { escapeHtml } from "../src/http/escape-html.ts";
import { checkChoice, checkOptions, checkStrings, type Subject, valueError } from "../src/options/check.ts";
import type { Decider } from "../src/plugin.ts";
import { ambiguous, encoded, isBelow, pathStart, scanPath } from "../src/url/plain-path.ts";
export type * from "../src/contract.ts";

/** The options of {@linkcode crossSitePosts}. */
export interface CrossSitePostsOptions {
  /**
   * The paths to which other sites send forms, such as `["/checkout/3ds", "/saml/acs"]`, with what is below them. Name those alone
   * whose handler checks a signature of what it is sent: a form that is handed over comes with the visitor's cookies, so nothing else
   * there tells it from one that the visitor sent.
   */
  readonly paths: readonly string[];
  /**
   * What is done. `repost`: the browser sends the form once more, from a page of this site, and so with its cookies: whoever has a place
   * is known. `exclude`: the form bypasses the gate.
   *
   * @default {"repost"}
   */
  readonly how?: "repost" | "exclude";
}

const subject: Subject = "cross-site-posts plugin";

/**
 * Lets forms come back that another site sends. Browsers send no `SameSite=Lax` cookie with them, so the visitor is unknown, is sent to
 * wait, and what the form carried is lost.
 *
 * Put it before the provider. It concerns a POST that a browser opens as a page and whose `Sec-Fetch-Site` is `cross-site`; a form that is
 * sent once more is of this site, so it is handed over once. Forms of another type than `application/x-www-form-urlencoded`, or longer
 * than `requestBody()` reads, are left to the provider. The form comes with `Origin: null` the second time: it is no form of this site.
 *
 * @param options Where such forms arrive, and what is done.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { crossSitePosts } from "stanchion/cross-site-posts";
 *
 * const plugin = crossSitePosts({ paths: ["/checkout/3ds", "/saml/acs"] });
 * ```
 */
export function crossSitePosts(options: CrossSitePostsOptions): Decider {
  checkOptions(subject, options, ["paths", "how"]);
  const { paths, how = "repost" } = options;
  const must = 'a list of plain paths that start with "/", such as "/checkout/3ds"';
  checkStrings(
    subject,
    "paths",
    paths,
    must,
    (path) => path.length > 1 && /^\/[\w./~-]+$/.test(path) && scanPath(path, 0) >= 0,
  );
  if (paths.length === 0) throw valueError(subject, "paths", must, paths);
  checkChoice(subject, "how", how, ["repost", "exclude"]);

  function isConcerned(ctx: Context): boolean {
    const { method, headers } = ctx.request;
    return method === "POST" && headers.get("sec-fetch-site") === "cross-site" &&
      headers.get("sec-fetch-mode") === "navigate" && ctx.readings.every((url) => isPlainlyBelow(url, paths));
  }

  if (how === "exclude") {
    return {
      name: "cross-site-posts",
      match(ctx) {
        if (!isConcerned(ctx)) return true;
        ctx.note?.("a form of another site, which is excluded");
        return false;
      },
    };
  }

  return {
    name: "cross-site-posts",
    decide(ctx): Decision | undefined | Promise<Decision | undefined> {
      if (!isConcerned(ctx)) return undefined;
      const type = ctx.request.headers.get("content-type") ?? "";
      if (!/^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
        ctx.note?.("a form of another site, of a type that cannot be sent once more");
        return undefined;
      }
      return chain(ctx.body(), (body) => handOver(ctx, body));
    },
  };
}

function handOver(ctx: Context, { text, complete }: BodyText): Decision | undefined {
  if (!complete) {
    ctx.note?.("a form of another site that is too long to be sent once more");
    return undefined;
  }
  const form = formOf(text);
  if (form === undefined) {
    ctx.note?.("a form of another site that cannot be sent once more as it is");
    return undefined;
  }
  const response = new Response(formPage(form), {
    headers: { "content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer" },
  });
  return { action: "respond", reason: "cross-site-posts/handed-over", response };
}

/** The fields of a form, and the encoding in which a browser writes them as they were. */
interface Form {
  readonly fields: URLSearchParams;
  readonly charset: "utf-8" | "x-user-defined";
}

/**
 * Reads a form, whose encoding nobody tells: that of the page on which it was. What is not UTF-8 is sent on byte by byte, in an encoding
 * that has the bytes from 0x80 on as the characters from U+F780 on (https://encoding.spec.whatwg.org/#x-user-defined).
 *
 * @returns `undefined` for what no browser writes, and for NUL, which no page holds.
 */
function formOf(text: string): Form | undefined {
  const isUtf8 = isUtf8Form(text);
  if (/%00|[\0\ufffd]/.test(text) || !(isUtf8 || /^[\0-\x7f]*$/.test(text))) return undefined;
  const sent = isUtf8 ? text : text.replaceAll(/%([89a-f][\da-f])/gi, byteAsCharacter);
  // A question mark at the beginning would be left out.
  return { fields: new URLSearchParams(`&${sent}`), charset: isUtf8 ? "utf-8" : "x-user-defined" };
}

function isUtf8Form(text: string): boolean {
  try {
    decodeURIComponent(text.replaceAll(/%(?![\da-f]{2})/gi, "%25"));
    return true;
  } catch {
    return false;
  }
}

function byteAsCharacter(_: string, hex: string): string {
  return encodeURIComponent(String.fromCharCode(0xf700 + Number.parseInt(hex, 16)));
}

/** A page that sends the fields to its own address. Without scripts, the visitor does. */
function formPage({ fields, charset }: Form): string {
  const inputs = [...fields].map(([name, value]) =>
    // A parser drops a line break behind the tag, so there is one more than there was.
    `<textarea hidden name="${escapeHtml(name)}">\n${escapeHtml(value)}</textarea>`
  );
  return `<!doctype html><html><head><meta charset="utf-8"><title>One moment</title></head><body>` +
    `<form method="post" accept-charset="${charset}">${inputs.join("")}<button>Continue</button></form>` +
    `<script>HTMLFormElement.prototype.submit.call(document.forms[0])</script></body></html>`;
}

/** Whether a path is one of the given ones or below it, and everybody reads it so. */
function isPlainlyBelow(url: string, paths: readonly string[]): boolean {
  const from = pathStart(url);
  if (from === -1) return false;
  const scanned = scanPath(url, from);
  return scanned !== ambiguous && scanned !== encoded && isBelow(url, from, paths);
}
