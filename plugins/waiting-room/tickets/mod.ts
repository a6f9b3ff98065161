/**
 * A stand-in for the tickets, until they come.
 *
 * @module
 */

import { keyedHash } from "../../../src/crypto/hmac.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import type { Context } from "../../../src/context.ts";
import { forgetCookie, readRawCookies, writeCookie } from "../../../src/http/cookies.ts";
import { originOf } from "../../../src/url/origin.ts";
import type { Holder } from "../machine/mod.ts";

export interface Ticket extends Holder {
  readonly kind: "ticket";
  readonly notBefore: number;
}
export interface Pass extends Holder {
  readonly kind: "pass";
  readonly until: number;
  readonly check: number;
  readonly since: number;
  readonly isClaim: boolean;
  readonly isLate: boolean;
}
export type Proof = Ticket | Pass;
export interface Sealer {
  seal(room: string, proof: Proof, binding: string): string;
  open(room: string, text: string, binding: string): Proof | undefined;
}
export function createSealer(keys: readonly string[]): Sealer {
  const signer = createSigner(keys);
  const signed = (room: string, body: string, binding: string) => JSON.stringify([room, body, binding]);
  return {
    seal(room, proof, binding) {
      const body = btoa(JSON.stringify(proof)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      return `${body}.${signer.sign(signed(room, body, binding))}`;
    },
    open(room, text, binding) {
      const [body = "", hash = "", more] = text.split(".");
      if (more !== undefined || !signer.verifies(signed(room, body, binding), hash)) return undefined;
      return JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/"))) as Proof;
    },
  };
}
export function cookieName(room: string, isSecure: boolean): string {
  return `${isSecure ? "__Host-" : ""}stanchion-${room}`;
}
export function readProof(
  { request: { headers }, href }: Context,
  sealer: Sealer,
  room: string,
  binding: string,
): Proof | undefined {
  const own = headers.get("stanchion-ticket");
  const name = cookieName(room, href.startsWith("https:"));
  const texts = own === null ? readRawCookies(headers.get("cookie"), name) : [own];
  const proofs = texts.map((text) => sealer.open(room, text, binding)).filter((each) => each !== undefined);
  return proofs.find(({ kind }) => kind === "pass") ?? proofs.toSorted((a, b) => a.number - b.number)[0];
}
export function proofCookie({ href }: Context, room: string, text: string, maxAgeSeconds: number): string {
  const secure = href.startsWith("https:");
  const name = cookieName(room, secure);
  const attributes = { path: "/", secure, httpOnly: true, sameSite: "Lax", maxAgeSeconds } as const;
  return text === "" ? forgetCookie(name, attributes) : writeCookie(name, text, attributes);
}
export function newTag(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(6)))).replaceAll("+", "-")
    .replaceAll("/", "_");
}
export function identityTag(key: string, identity: string): string {
  return btoa(String.fromCharCode(...keyedHash(key)(identity).slice(0, 6))).replaceAll("+", "-")
    .replaceAll("/", "_");
}
export function mayTakeNumber({ method, headers }: Request): boolean {
  const mode = headers.get("sec-fetch-mode"), dest = headers.get("sec-fetch-dest");
  if (method === "HEAD" || headers.has("sec-purpose")) return false;
  return mode === null && dest === null || mode === "navigate" && dest === "document";
}
export function isOwnPost({ request: { headers }, returnUrl }: Context): boolean {
  if (headers.has("stanchion-ticket")) return true;
  const site = headers.get("sec-fetch-site");
  return site === null ? headers.get("origin") === originOf(returnUrl) : site === "same-origin";
}
