import { bearerIn, secretCheck } from "../../../src/crypto/bearer.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { forgetCookie, readCookie, writeCookie } from "../../../src/http/cookies.ts";
import { isPrintableName } from "../../../src/options/printable-name.ts";
import type { BoardOperator } from "./options.ts";

/** Who asks, and how that is known: by a secret in the header, which no other site can send, or otherwise. */
export interface Known extends BoardOperator {
  readonly isProgram: boolean;
}

/** What a secret is good for; `undefined` for a wrong one. */
type Right = "change" | "view" | undefined;

/** Signs people in who have a secret, and knows them again. */
export interface SignIn {
  /** Who asks by a secret in the header `Authorization`: `wrong` for one that is none, `undefined` where there is no such header. */
  program(request: Request): Known | "wrong" | undefined;
  /** Who asks by the cookie of somebody who signed in; `undefined` for nobody. */
  session(request: Request, now: number): Known | undefined;
  /** Signs somebody in: the cookie, or `undefined` where the secret is wrong. */
  enter(name: string, secret: string, isSecure: boolean, now: number): string | undefined;
}

/** A cookie is for this host alone where it is encrypted; browsers take that name for no other. */
const cookieNames = ["__Host-stanchion-board", "stanchion-board"] as const;

/**
 * Makes what signs people in. A session is signed by the secrets, so that all processes that have them know it, and none does once the
 * secrets are changed. It ends by itself; signing out takes it from the browser.
 */
export function createSignIn(
  { secrets, viewSecrets = [] }: {
    readonly secrets: readonly string[];
    readonly viewSecrets?: readonly string[];
  },
  path: string,
  sessionMs: number,
): SignIn {
  const mayChange = secretCheck(secrets);
  const mayView = secretCheck(viewSecrets);
  const signers = {
    change: createSigner(secrets.map((secret) => `stanchion board ${secret}`)),
    view: createSigner(viewSecrets.map((secret) => `stanchion board ${secret}`)),
  };

  /** Both lists are asked, so that the time does not tell which one has it. */
  function rightOf(secret: string): Right {
    const [changes, views] = [mayChange(secret), mayView(secret)];
    return changes ? "change" : views ? "view" : undefined;
  }

  const signedText = (right: string, until: string, name: string) => `${path} ${right} ${until} ${name}`;

  return {
    program({ headers }) {
      const header = headers.get("authorization");
      if (header === null) return undefined;
      const right = rightOf(bearerIn(header));
      if (right === undefined) return "wrong";
      return { name: "", mayChange: right === "change", isProgram: true };
    },
    session({ headers }, now) {
      for (const cookie of cookieNames) {
        const value = readCookie(headers.get("cookie"), cookie) ?? "";
        const [, hash = "", right, until = "", name = ""] =
          /^([0-9a-f]{64})\.(change|view)\.(\d{1,16})\.(.*)$/su.exec(value) ?? [];
        if ((right !== "change" && right !== "view") || !(Number(until) > now)) continue;
        if (!isPrintableName(name) || !signers[right].verifies(signedText(right, until, name), hash)) {
          continue;
        }
        return { name, mayChange: right === "change", isProgram: false };
      }
      return undefined;
    },
    enter(name, secret, isSecure, now) {
      const right = rightOf(secret);
      if (right === undefined) return undefined;
      const until = String(Math.ceil(now + sessionMs));
      const hash = signers[right].sign(signedText(right, until, name));
      const value = `${hash}.${right}.${until}.${name}`;
      return writeCookie(nameFor(isSecure), value, { ...scopeOf(isSecure), maxAgeSeconds: sessionMs / 1000 });
    },
  };
}

/** The cookies that make a browser forget that somebody signed in. */
export function signOutCookies(isSecure: boolean): readonly string[] {
  return [forgetCookie(nameFor(isSecure), scopeOf(isSecure))];
}

function nameFor(isSecure: boolean): string {
  return isSecure ? cookieNames[0] : cookieNames[1];
}

/** Whoever follows a link to the board stays signed in; what changes something asks besides from where it comes. */
function scopeOf(secure: boolean) {
  return { path: "/", secure, httpOnly: true, sameSite: "Lax" } as const;
}
