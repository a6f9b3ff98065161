import { createSigner } from "../../src/crypto/signer.ts";
import { type Asked, explain, type Explained, type ExplainFiles } from "../explain.ts";
import { integrationsOf, memberOf } from "../findings.ts";
import type { Findings } from "./check.ts";

/** A configuration, and the request that is looked at. */
export interface Configured {
  readonly asked: Asked;
  readonly files: ExplainFiles;
}

/** How long a token of our own is good for, in seconds. */
const lifeSeconds = 180;

/** What the reasons of refusals mean. */
const meanings: Readonly<Record<string, readonly [message: string, advice: string]>> = {
  "queue-it/hash": [
    "was not signed with this secret key",
    "Compare the secret key with that of the control panel, and look whether something on the way changes the URL.",
  ],
  "queue-it/eventid": [
    "is for another waiting room",
    "Look which integration matches the page, and at its EventId.",
  ],
  "queue-it/timestamp": ["is too old", "If it is a fresh one, look at the clock."],
  "queue-it/ip": [
    "is bound to another address",
    "Give the visitor's by --address; behind a proxy the gate needs clientIp({ trustedProxies }).",
  ],
};

/** Tells whether tokens are accepted: one that is made here, one of a stranger, and the given one. */
export async function tellTokens(
  findings: Findings,
  configured: Configured,
  { integrations }: Explained,
  { secretKey, token }: { readonly secretKey: string | undefined; readonly token: string | undefined },
  now: () => number,
): Promise<void> {
  const matched = integrations.find(({ outcome, action }) => outcome === "matches" && action === "Queue");
  if (matched === undefined) {
    if (token !== undefined) {
      findings.note(
        "token",
        "no-room",
        "The token was not looked at, for the page leads to no waiting room.",
      );
    }
    return;
  }
  if (secretKey === undefined) {
    const message = "Without the secret key no token can be looked at.";
    findings.note(
      "key",
      "no-secret",
      message,
      "STANCHION_SECRET_KEY in the environment, or --secret-key-file.",
    );
    return;
  }
  const room = memberOf(integrationsOf(configured.files.configuration)[matched.integration], "EventId");
  await tellOwn(findings, configured, { room: String(room), secretKey, nowMs: now() });
  if (token !== undefined) return await tellGiven(findings, configured, token);
  const message = "Whether the service signs with this secret key only a token of its own shows.";
  findings.note(
    "key",
    "secret-unknown",
    message,
    "Give one by --token-file: queueittoken of the URL by which a visitor came back.",
  );
}

interface Making {
  readonly room: string;
  readonly secretKey: string;
  readonly nowMs: number;
}

async function tellOwn(findings: Findings, configured: Configured, making: Making): Promise<void> {
  const good = await askWith(configured, tokenOf(making));
  const forged = await askWith(configured, tokenOf({ ...making, secretKey: crypto.randomUUID() }));
  if (!isAccepted(good)) {
    const message = `A token that was signed here with the secret key is not accepted: ${good}.`;
    findings.problem("token", "own-refused", message, "stanchion explain with that page shows why.");
  } else if (isAccepted(forged)) {
    findings.problem("token", "forged-accepted", "A token that was signed with another key is accepted.");
  } else {
    findings.ok(
      "token",
      "own-accepted",
      "A token that was signed here with the secret key is accepted, and one of a stranger is not.",
    );
  }
}

async function tellGiven(findings: Findings, configured: Configured, token: string): Promise<void> {
  const reason = await askWith(configured, token);
  if (isAccepted(reason)) {
    findings.ok(
      "token",
      "accepted",
      "The given token is accepted: the service signs with this secret key, and the visitor is let in.",
    );
    return;
  }
  const [message, advice] = meanings[reason] ??
    [`is not accepted (${reason})`, "Copy all of queueittoken, as it stands in the URL."];
  findings.problem("token", reason.replace(/^.*\//, ""), `The given token ${message}.`, advice);
}

function isAccepted(reason: string): boolean {
  return reason === "queue-it/clean-url" || reason === "queue-it/accepted";
}

async function askWith({ asked, files }: Configured, token: string): Promise<string> {
  const { url } = asked;
  const separator = url.includes("?") ? "&" : "?";
  const { decision, failure } = await explain(
    { ...asked, url: `${url}${separator}queueittoken=${encodeURIComponent(token)}` },
    files,
  );
  return failure === null ? String(decision["reason"]) : `${failure["message"]}`;
}

/** A token as the service makes them. It is never printed. */
function tokenOf({ room, secretKey, nowMs }: Making): string {
  const until = Math.floor(nowMs / 1000) + lifeSeconds;
  const signed = `e_${room}~q_${crypto.randomUUID()}~ts_${until}~ce_true~rt_queue`;
  return `${signed}~h_${createSigner([secretKey]).sign(signed)}`;
}

/** A URL without its tokens and its fragment, and the first of them. */
export function withoutToken(url: string): { readonly url: string; readonly token: string } {
  const [, place = url, query] = /^([^?#]*)\?([^#]*)/.exec(url) ?? [];
  if (query === undefined) return { url: place.replace(/#.*$/s, ""), token: "" };
  const isToken = (pair: string) => /^queueittoken(?:=|$)/i.test(pair);
  const kept = query.split("&").filter((pair) => !isToken(pair)).join("&");
  const token = new URLSearchParams(query.split("&").find(isToken) ?? "").values().next().value ?? "";
  return { url: kept === "" ? place : `${place}?${kept}`, token };
}
