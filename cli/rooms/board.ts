import { readText } from "../../src/http/read-text.ts";
import { isReadable } from "./command.ts";
import { UsageError } from "../arguments.ts";
import { createCurtain } from "../curtain.ts";
import type { Host } from "../host.ts";

/** No board tells more, in bytes: it has a thousand rooms at most. */
const longest = 8_000_000;

/** A room, as far as the board was understood. */
export interface RoomView {
  readonly name: string;
  /** What can be changed about it; absent where the board knows nothing of it yet. */
  readonly room: Readonly<Record<string, unknown>> | undefined;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly verdicts: readonly { readonly level: string; readonly text: string }[];
}

/** What became of a change. */
export type Changed =
  | { readonly is: "changed"; readonly revision: unknown; readonly isRecorded: boolean }
  | { readonly is: "conflict"; readonly revision: unknown; readonly last: unknown };

/** The board, asked as a program. */
export interface Board {
  rooms(): Promise<readonly RoomView[]>;
  /** @throws {Error} When it is not known whether the room was changed, which the message says. */
  change(
    room: string,
    wanted: { readonly order: object; readonly revision: number; readonly by: string },
  ): Promise<Changed>;
}

/** What the board answers. */
interface Answer {
  readonly status: number;
  /** `undefined` where it is nothing that a board says. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Makes what asks a board. Nothing that it throws has the secret in it. */
export function boardAt(address: string, secret: string, timeoutMs: number, host: Host): Board {
  if (isReadable(address)) {
    host.err(`The secret goes to ${address} unencrypted, and whoever is on the way can read it; use https`);
  }

  const curtain = createCurtain();
  curtain.add(secret);

  async function ask(path: string, wanted?: object): Promise<Answer> {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${secret}`,
      ...(wanted !== undefined && { "content-type": "application/json" }),
    };
    const sent = wanted === undefined ? {} : { method: "POST", body: JSON.stringify(wanted) };
    let response: Response;
    try {
      // A secret is sent to nobody but whom its owner named.
      response = await host.network.fetch(address + path, { ...sent, headers, signal, redirect: "manual" });
    } catch (error) {
      const why = signal.aborted ? `it did not answer within ${timeoutMs} ms` : reasonOf(error);
      throw new Error(`the board at ${address} cannot be reached: ${why}`);
    }
    const { end, text } = await readText(response.body, { maxBytes: longest, signal, isStrict: true });
    if (end !== "whole" && response.ok) throw new Error(`the board at ${address} ${unread(end, timeoutMs)}`);
    // Some answer with what they were sent.
    return read(address, response, end === "whole" ? curtain.hide(text) : "");
  }

  return {
    async rooms() {
      const { body } = await ask("/rooms");
      const views = Array.isArray(body?.["rooms"]) ? body["rooms"].flatMap(viewOf) : [];
      if (views.length === 0) throw noBoard(address);
      return views;
    },
    async change(room, wanted) {
      const { status, body = {} } = await ask(`/rooms/${encodeURIComponent(room)}`, wanted);
      const { revision, last } = body;
      if (status === 409) return { is: "conflict", revision, last };
      if (typeof revision !== "number") throw new Error(`${address} answers as no board does`);
      return { is: "changed", revision, isRecorded: body["isRecorded"] === true };
    },
  };
}

/** What the board says, or why that is no good. */
function read(address: string, { status, headers }: Response, text: string): Answer {
  const body = objectOf(text);
  const detail = typeof body?.["detail"] === "string" ? body["detail"].slice(0, 500) : "";
  switch (status) {
    case 200:
      return { status, body };
    case 400:
      throw new UsageError(
        `The board takes no such change: ${errorsOf(body) || detail || "it says not why"}`,
      );
    case 401:
      throw new UsageError(
        "That is not the secret of the board. Look at auth.secrets of roomBoard(), and at STANCHION_BOARD_SECRET or --secret-file",
      );
    case 403:
      throw new UsageError(
        "This secret may look, and change nothing: it is one of auth.viewSecrets. Take one of auth.secrets",
      );
    case 404:
      throw noBoard(address);
    case 409:
      if (body === undefined) throw noBoard(address);
      return { status, body };
    case 429:
      throw new Error(
        "the board was tried with too many wrong secrets. Wait a minute, and look at the secret",
      );
    case 503:
      throw new Error(detail === "" ? `${address} answers with status 503` : detail);
    default:
      if (status >= 300 && status < 400) throw new UsageError(elsewhere(address, headers.get("location")));
      throw new Error(`${address} answers with status ${status}`);
  }
}

/** Why an answer that began was not read to its end. */
function unread(end: "long" | "late" | "broken", timeoutMs: number): string {
  switch (end) {
    case "late":
      return `did not end its answer within ${timeoutMs} ms`;
    case "broken":
      return "broke its answer off";
    case "long":
      return `answers more than ${longest} bytes`;
  }
}

function elsewhere(address: string, location: string | null): string {
  const to = location !== null && URL.canParse(location, address) ? new URL(location, address).origin : "";
  const place = to === "" ? "elsewhere" : `to ${to}`;
  return `${address} leads ${place}, and the secret is sent to nobody but whom you named. Give the address of the board itself`;
}

function noBoard(address: string): UsageError {
  return new UsageError(
    `${address} is no board. Is that its address? It ends with the "path" of roomBoard(), /.stanchion-board unless it was given another; that of stanchion serve is /board at its second port, such as http://127.0.0.1:8081/board`,
  );
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function viewOf(view: unknown): readonly RoomView[] {
  if (!isObject(view)) return [];
  const { name, room, figures, verdicts } = view;
  if (typeof name !== "string" || !isObject(figures) || !Array.isArray(verdicts)) return [];
  const said = verdicts.filter(isObject).map(({ level, text }) => ({
    level: String(level),
    text: String(text),
  }));
  return [{ name, room: isObject(room) ? room : undefined, figures, verdicts: said }];
}

function errorsOf(body: Readonly<Record<string, unknown>> | undefined): string {
  const errors = body?.["errors"];
  if (!Array.isArray(errors)) return "";
  return errors.filter(isObject).map(({ path, message }) => `${path}: ${message}`).join("; ").slice(0, 1000);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Where several addresses were tried there is a code alone. Neither tells what was sent.
  const code = "code" in cause ? String(cause.code) : "";
  return `${error.message} (${cause.message || code})`;
}
