/** What the gate and its plugins say, in the words of the command: they speak of functions and options that its user does not have. */

import { secretOptions, settings } from "./options.ts";

/** Advice that is about code, and what does the same here. */
const advice: readonly (readonly [said: RegExp, instead: string])[] = [
  [/the gate's "publicHosts" say /, "--public-host says "],
  [/publicHosts: \["([^"]*)"\]/g, "--public-host $1"],
  [/\b(give|tell) createGate\(\) the hosts/, "$1 it the hosts"],
  [/clientIp\(\{ trustedProxies: 1, forwardedHost: true \}\)/, "--trusted-proxies 1 --forwarded-host"],
  [
    /add clientIp\(\{ trustedProxies, header \}\), or tell it by "visitor"/,
    "say by --trusted-proxies how many proxies stand before it",
  ],
  [
    /nothing that the gate is handed beside the request tells it, as platform\(\) would, /,
    "the connection does not tell it, ",
  ],
  [/look at what "visitor" and "parameters" tell it/, "ask CrowdHandler why"],
  [/use redisStore\(\)/, "keep it in a Redis: --store redis://127.0.0.1:6379"],
];

/** Options of plugins that have another name in the configuration. */
const aliases: Readonly<Record<string, string>> = {
  admitPerMinute: "rate",
  match: "protect",
  paths: "bypass",
  roots: "assets",
  url: "apiUrl",
};

/** How one gives each secret, which no file has. */
const secrets: ReadonlyMap<string, string> = new Map([
  ["privateKey", secretOptions["private-key"]],
  ["secretKeys", secretOptions["secret-key"]],
  ["apiKey", secretOptions["api-key"]],
]);

/** How one gives each member of the configuration on the command line, and each secret. */
const ways: ReadonlyMap<string, string> = new Map([
  ...Object.entries(settings).map(([option, [member]]) => [member, `--${option}`] as const),
  ...secrets,
]);

/** Says in the words of the command what a plugin or the gate says. */
export function inWordsOfServe(message: string): string {
  const [begun, instead] = refused(message);
  const told = advice.reduce((text, [said, other]) => text.replace(said, other), message.slice(begun.length));
  return instead +
    told.replaceAll(/"(\w+)"/g, (quoted, name: string) => codeNames.has(name) ? way(name) : quoted);
}

/** Names that are words of code wherever they stand; others, such as "rate", may be words of a page or a file. */
const codeNames: ReadonlySet<string> = new Set([
  ...["publicHosts", "trustedProxies", "forwardedHost", "publicKey", "customerId"],
  ...secrets.keys(),
]);

/**
 * How a message begins that refuses an option when the gate is made, and how it begins for the command's user, who makes none, and gave an
 * option or a member of a file.
 */
function refused(message: string): readonly [begun: string, instead: string] {
  const [begun = "", room, name = ""] =
    /^Cannot create [\w -]+: "(?:rooms\[(\d+)\]\.)?(\w+)(?:\[\d+\])*(?:\.\w+)*" (?=must )/.exec(message) ??
      [];
  const member = aliases[name] ?? name;
  if (!ways.has(member)) return ["", ""];
  if (room !== undefined && room !== "0") return [begun, `"rooms[${room}].${member}" in the configuration `];
  return [begun, secrets.has(member) ? `${way(member)} ` : `${way(member)}, or "${member}" in a file, `];
}

function way(member: string): string {
  return ways.get(member) ?? member;
}
