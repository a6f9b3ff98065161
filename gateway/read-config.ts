import * as v from "valibot";
import { show } from "../src/options/check.ts";
import { isNear } from "../src/options/edit-distance.ts";
import { configNames, configSchema, type GatewayConfig, roomNames } from "./config.ts";

/** A configuration is wrong: the message says where, what it must be and what it was. */
export class ConfigError extends Error {
  /** The name of the class. */
  override readonly name: string = "ConfigError";
  /** The member of the configuration that is wrong; `""` where it is the whole. */
  readonly member: string;

  constructor(message: string) {
    super(message);
    this.member = /^"(\w+)/.exec(message)?.[1] ?? "";
  }
}

/**
 * Checks a configuration.
 *
 * @param value What was read.
 * @returns The same.
 * @throws {ConfigError} With the path of the first fault.
 */
export function readConfig(value: unknown): GatewayConfig {
  const result = v.safeParse(configSchema, value);
  if (!result.success) throw new ConfigError(messageOf(result.issues[0]));
  const { rooms, provider = "waiting-room", ...others } = result.output;
  for (const each of ["to", "store", "apiUrl", "waitingRoomUrl"] as const) {
    const address = others[each];
    if (address === undefined || URL.canParse(address)) continue;
    const shown = each === "store" ? "another text" : received(address);
    throw new ConfigError(
      `"${each}" must be an address with a host that exists in URLs and a port up to 65535, received ${shown}`,
    );
  }
  // The client takes what is no number for one, and ends the process when Redis refuses it.
  if (others.store !== undefined) {
    const { pathname, search } = new URL(others.store);
    if (!/^\/?\d*$/.test(pathname) || search !== "") {
      throw new ConfigError(
        '"store" must end with the number of a database, such as redis://127.0.0.1:6379/2, or with none, received another text',
      );
    }
  }
  for (const each of ["rate", "capacity", "protect", "opensAt", "sessionMinutes"] as const) {
    if (others[each] === undefined) continue;
    if (provider !== "waiting-room") {
      throw new ConfigError(`"${each}" is for the waiting room, and "provider" is ${provider}`);
    }
    if (rooms !== undefined) {
      throw new ConfigError(`"${each}" and "rooms" exclude each other: say it in each of the rooms`);
    }
  }
  for (const [each, whose] of Object.entries(hosted) as [keyof typeof hosted, readonly string[]][]) {
    if (others[each] === undefined || whose.includes(provider)) continue;
    throw new ConfigError(`"${each}" is for ${whose.join(" and ")}, and "provider" is ${provider}`);
  }
  checkPorts(result.output);
  if (provider === "waiting-room") checkLimits(result.output);
  if (provider === "queue-it" && others.customerId === undefined) {
    throw new ConfigError('"customerId" is needed for Queue-it');
  }
  return result.output;
}

/** What only providers that are hosted take, each with those that do. */
const hosted = {
  publicKey: ["crowdhandler"],
  waitingRoomUrl: ["crowdhandler"],
  customerId: ["queue-it"],
  apiUrl: ["crowdhandler", "queue-it"],
} as const;

/** Addresses of this machine alone, and those that stand for all of its addresses, as URLs write them. */
const loopback: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const anyAddress: readonly string[] = ["", "0.0.0.0", "::", "[::]"];

/** Whether what listens at one address would be reached by the other. */
function meets(listens: string, asked: string): boolean {
  if (listens === asked) return true;
  const isLocal = [...loopback, ...anyAddress].includes(asked);
  return isLocal && [...loopback, ...anyAddress, "::1"].includes(listens);
}

/** Refuses one port for two things, and a site that is the gateway itself: each request would come back to it as a new visitor. */
function checkPorts(
  { to, host = "", port = 8080, adminHost = "127.0.0.1", adminPort = 8081 }: GatewayConfig,
): void {
  if (port !== 0 && port === adminPort && (meets(host, adminHost) || anyAddress.includes(adminHost))) {
    throw new ConfigError(`"adminPort" must be another one than "port", and both are ${port}`);
  }
  const site = new URL(to);
  const sitePort = Number(site.port) || (site.protocol === "https:" ? 443 : 80);
  const own = ([["port", port, host], ["adminPort", adminPort, adminHost]] as const)
    .find(([, each, at]) => each === sitePort && meets(at, site.hostname));
  if (own === undefined) return;
  throw new ConfigError(
    `"to" must be where the site is, and the gateway itself listens there: "${own[0]}" is ${
      own[1]
    }. Give one of them another port, received ${show(to)}`,
  );
}

function checkLimits({ rooms, rate, capacity }: GatewayConfig): void {
  if (rooms === undefined && rate === undefined && capacity === undefined) {
    throw new ConfigError(
      '"rate" or "capacity" is needed: how many people come in a minute, and how many are inside at once',
    );
  }
  const at = rooms?.findIndex((room) => room.rate === undefined && room.capacity === undefined) ?? -1;
  if (at !== -1) throw new ConfigError(`"rooms.${at}" needs a "rate" or a "capacity"`);
  const whole = rooms?.findIndex(({ protect }) => protect === undefined || protect.includes("/")) ?? -1;
  const late = whole === -1 ? undefined : rooms?.[whole + 1];
  if (late === undefined) return;
  throw new ConfigError(
    `"rooms.${
      whole + 1
    }" (${late.name}) must come before "rooms.${whole}", which protects everything, so that no room after it is ever asked`,
  );
}

function messageOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "";
  if (path === "") return `The configuration ${issue.message}, received ${show(issue.input)}`;
  if (issue.type === "strict_object" && issue.expected === "never") return unknownOf(path);
  if (issue.input === undefined) return `"${path}" is missing`;
  const what = path === "store" ? "another text" : received(issue.input);
  return `"${path}" ${issue.message}, received ${what}`;
}

/** Says of a member that nobody knows which one may have been meant, or all that there are. */
function unknownOf(path: string): string {
  const [, place = "", name = path] = /^(rooms\.\d+\.)(.*)$/.exec(path) ?? [];
  const known = (place === "" ? configNames : roomNames).filter((each) => each !== "$schema");
  const meant = known.find((each) => isNear(each, name));
  const hint = meant === undefined
    ? `the options are ${known.join(", ")}`
    : `did you mean "${place}${meant}"?`;
  return `"${path}" is no option: ${hint}`;
}

/** What was given, but for the user and the password that an address may have in it. */
function received(value: unknown): string {
  if (typeof value !== "string") return show(value);
  const at = value.lastIndexOf("@");
  return at === -1 ? show(value) : show(`…${value.slice(at)}`);
}
