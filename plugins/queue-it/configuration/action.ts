import { describeCancel, describeQueue } from "./describe-action.ts";
import { enc } from "../protocol/encode.ts";
import { WayBack } from "../protocol/way-back.ts";
import {
  type ActionSettings,
  type ConnectorIdentity,
  type SessionCookieAttributes,
  type WaitingRoom,
  waitingRoomOf,
} from "./settings.ts";

/** What every action knows that sends visitors to a waiting room. */
interface Destination {
  readonly name: string;
  /** All its waiting rooms, without repetitions. */
  readonly rooms: readonly WaitingRoom[];
  readonly cookieAttributes: SessionCookieAttributes;
  /** `https://`, the waiting room's host and the path before all its pages. */
  readonly base: string;
  /** The parameters with which the query of its pages begins. */
  readonly query: string;
  /** The settings, for diagnostics. */
  readonly description: string;
}

/** Lets in who was let through the waiting room, and sends everybody else there. */
export interface QueueAction extends Destination {
  readonly kind: "queue";
  /** The waiting room to which visitors are sent. */
  readonly room: WaitingRoom;
  readonly validityMinutes: number;
  /** Whether a session is prolonged by each visit. */
  readonly extends: boolean;
  /** Whether each queue id may be used a limited number of times only. */
  readonly verifies: boolean;
  readonly usageLimit: number | null;
  /** Where a visitor comes back to; `undefined` for the page that was asked for, `""` for the room's own choice. */
  readonly target: string | undefined;
  /** The waiting room's page, up to what differs between visits. */
  readonly entrance: string;
  /** Says how a page to come back to is told to the room. */
  readonly backTo: (page: string) => WayBack;
}

/** Ends sessions. */
export interface CancelAction extends Destination {
  readonly kind: "cancel";
}

/** Lets the request pass. */
export interface IgnoreAction {
  readonly kind: "ignore";
  readonly name: string;
}

/** What is to be done with a request. */
export type Action = QueueAction | CancelAction | IgnoreAction;

/** Compiles what sends visitors to a waiting room. The settings were checked before. */
export function queueAction(identity: ConnectorIdentity, settings: ActionSettings): QueueAction {
  const v3 = identity.profile === "v3";
  const destination = destinationOf(identity, settings);
  return {
    kind: "queue",
    ...destination,
    room: waitingRoomOf(settings.roomId ?? ""),
    validityMinutes: Number(settings.validityMinutes),
    extends: Boolean(settings.extends),
    verifies: !v3 && Boolean(settings.verifies),
    usageLimit: settings.usageLimit ?? null,
    target: settings.target,
    entrance: `${destination.base}?${destination.query}`,
    backTo: identity.backTo ?? ((page) => new WayBack(page)),
    description: describeQueue(settings, destination.rooms, v3),
  };
}

/** Compiles what ends sessions. The settings were checked before. */
export function cancelAction(identity: ConnectorIdentity, settings: ActionSettings): CancelAction {
  const destination = destinationOf(identity, settings);
  const description = describeCancel(settings, destination.rooms, identity.profile === "v3");
  return { kind: "cancel", ...destination, description };
}

function destinationOf(
  { customerId, profile, sdk }: ConnectorIdentity,
  settings: ActionSettings,
): Omit<Destination, "description"> {
  const { roomId, otherRoomIds, culture, layout, version, name } = settings;
  const ids = profile === "v3" ? [roomId] : [roomId, ...otherRoomIds ?? []];
  const rooms = [...new Set(ids.filter((id): id is string => typeof id === "string" && id !== ""))].map(
    waitingRoomOf,
  );
  const named = name === undefined ? "unspecified" : name ?? "";
  const domain = settings.queueDomain ?? "";
  const host = domain.endsWith("/") ? domain : `${domain}/`;
  return {
    name: named,
    rooms,
    cookieAttributes: {
      domain: settings.cookieDomain ?? "",
      httpOnly: Boolean(settings.cookieHttpOnly),
      secure: Boolean(settings.cookieSecure),
    },
    base: `https://${host}${profile === "v3" ? "" : prefixOf(settings.pathPrefix ?? "")}`,
    query: `c=${enc(customerId)}&e=${enc(roomId)}&ver=${sdk}&cver=${version ?? -1}&man=${enc(named)}` +
      (culture ? `&cid=${enc(culture)}` : "") + (layout ? `&l=${enc(layout)}` : ""),
  };
}

/** A path without its first slash, and with one at its end. */
function prefixOf(path: string): string {
  const rest = path.startsWith("/") ? path.slice(1) : path;
  return rest === "" || rest.endsWith("/") ? rest : `${rest}/`;
}
