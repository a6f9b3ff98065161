/** A CrowdHandler account with one room, and sessions that its private key signed. */

import { createHash } from "node:crypto";

export const publicKey = "9f2c7c1d5b0e4a6f8d3b2a1908f7e6d5c4b3a2918070605f4e3d2c1b0a998877";
export const privateKey = "priv_3b1f0c9a7d5e42668f10aa55cc77ee99";
export const room = {
  domain: "https://shop.example.com",
  slug: "queen-victoria-hall",
  patternType: "contains",
  urlPattern: "/tickets",
  queueActivatesOn: "2021-12-01T09:00:00Z",
  timeout: 20,
};

/** The token of a visitor. */
export function token(visitor: number): string {
  return `tok0Q1AB2C${visitor.toString(36).padStart(10, "0")}`;
}

/** The cookie of hybrid mode, as a promoted visitor has it, before percent-encoding. */
export function sessionCookie(visitor: number, nowMs: number): string {
  const gen = "2022-01-15T12:00:00Z";
  const id = token(visitor);
  const sig = hash(hash(privateKey) + room.slug + room.queueActivatesOn + id + gen);
  const touched = nowMs - visitor % 1000;
  const touchedSig = hash(hash(privateKey) + touched);
  return JSON.stringify({
    integration: "JSDK",
    tokens: [{ token: id, touched, touchedSig, signatures: [{ gen, sig }] }],
    deployment: "",
  });
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
