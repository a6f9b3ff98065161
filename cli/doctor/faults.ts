/** Why nobody answered. */
export type FaultKind =
  | "name"
  | "refused"
  | "unreachable"
  | "certificate"
  | "encryption"
  | "reset"
  | "protocol"
  | "timeout"
  | "forbidden"
  | "long"
  | "unknown";

/** What platforms say of each kind, by codes or, where they have none, in words. The first that fits counts. */
const signs: readonly (readonly [kind: FaultKind, sign: RegExp])[] = [
  ["forbidden", /\bNotCapable\b|\bPermissionDenied\b|Requires net access|--allow-net/],
  ["long", /longer than any answer/],
  ["name", /\bENOTFOUND\b|\bEAI_\w+|\bENODATA\b|\bDNS\w*Exception\b|\bdns error\b/],
  ["refused", /\bECONNREFUSED\b|\bConnectionRefused\b|connection refused/i],
  [
    "unreachable",
    /\bE(?:NET|HOST)UNREACH\b|\bEADDRNOTAVAIL\b|\bEACCES\b|\bEPERM\b|network is unreachable|no route to host/i,
  ],
  ["timeout", /\bETIMEDOUT\b|_TIMEOUT\b|\btimed out\b|did not answer within/i],
  ["encryption", /WRONG_VERSION_NUMBER|corrupt message|\bEPROTO\b|\bERR_SSL_|handshake|\bHandshake/],
  ["certificate", /CERT|ISSUER|\bERR_TLS_|certificate/i],
  ["protocol", /\bHPE_\w+|HTTPParserError|invalid HTTP|HTTP\/1\.1 protocol/i],
  ["reset", /\bECONNRESET\b|\bEPIPE\b|\bUND_ERR_SOCKET\b|closed|reset|terminated|aborted/i],
];

/** Tells the kind of what a platform threw. Its words are not repeated: they may hold an address with all that is in it. */
export function faultOf(thrown: unknown): FaultKind {
  const words = wordsOf(thrown, 0).join("\n");
  return signs.find(([, sign]) => sign.test(words))?.[0] ?? "unknown";
}

function wordsOf(thrown: unknown, depth: number): readonly string[] {
  if (typeof thrown !== "object" || thrown === null || depth > 3) return [String(thrown)];
  // Each member is looked at as what it may be.
  const { name, code, message, cause, errors } = thrown as Readonly<Record<string, unknown>>;
  const own = [name, code, message].filter((word) => typeof word === "string");
  const inner = [cause, ...(Array.isArray(errors) ? errors.slice(0, 4) : [])].filter((each) =>
    each !== undefined
  );
  return [...own, ...inner.flatMap((each) => wordsOf(each, depth + 1))];
}

/** What each kind means, for the name of what was asked. */
export const faultWords: Readonly<Record<FaultKind, string>> = {
  name: "its name is not known here (DNS)",
  refused: "nobody listens there: the connection was refused",
  unreachable: "there is no way to it from this machine",
  certificate: "its certificate is not trusted here",
  encryption: "no encrypted connection (TLS) could be made",
  reset: "the connection was broken off",
  protocol: "what answered does not speak HTTP",
  timeout: "it did not answer in time",
  forbidden: "this program may not use the network",
  long: "the answer has more than 4 MB",
  unknown: "the call failed",
};

/** What to do about each kind. */
export const faultAdvice: Readonly<Record<FaultKind, string>> = {
  name:
    "Look whether this machine has a network and a DNS server, and whether the address is written as it should be.",
  refused: "Look at host and port of the address; a sandbox must be running (npx stanchion-sandbox).",
  unreachable: "Look at the network of this machine, and at the rules of firewalls for what goes out.",
  certificate:
    "Look at the clock of this machine and at its list of authorities; a proxy that opens encrypted " +
    "connections needs its authority there.",
  encryption: "Look whether the address is one of https, and whether a proxy or firewall stands between.",
  reset: "Try again; if it stays so, look at proxies and firewalls between.",
  protocol: "Look at host and port of the address.",
  timeout:
    "Look at firewalls that swallow connections, and at the service's status page; --timeout-ms waits longer.",
  forbidden: "On Deno add --allow-net.",
  long: "Look at --api-url, and at what answers there.",
  unknown: "Try again with curl, from this machine.",
};
