import { readText } from "../../src/http/read-text.ts";
import { type LotteryFacts, readFacts } from "../../plugins/waiting-room/lottery/mod.ts";
import { UsageError } from "../arguments.ts";
import { textOf } from "../files.ts";
import type { Host } from "../host.ts";
import { keyOf } from "../keys.ts";
import { asJson, plain } from "../print.ts";
import type { LotteryCommand } from "./command.ts";
import { type Known, verify } from "./verify.ts";

/** No room publishes more, in bytes. */
const longest = 65_536;

/**
 * Runs `stanchion lottery verify`.
 *
 * @returns The exit code: 1 when something is wrong, or cannot be known yet.
 */
export async function lotteryCommand(command: LotteryCommand, host: Host): Promise<number> {
  const { from, json, commitment, beacon, people } = command;
  const facts = from === undefined ? undefined : await factsFrom(from, command.timeoutMs, host);
  const secret = (await keyOf(command.secret, host)) ?? null;
  if (facts === undefined && secret === null) {
    throw new UsageError(
      "Which secret? --secret-file <file>, or STANCHION_LOTTERY_SECRET in the environment",
    );
  }
  const known: Known = facts === undefined
    ? {
      // They were asked for where there is nothing else.
      commitment: commitment ?? "",
      registered: people ?? null,
      beacon: beacon ?? null,
      drawnBy: beacon === "" ? "committed" : "beacon",
      secret,
      opensAt: null,
    }
    : { ...facts, secret: secret ?? facts.secret };
  const held = facts === undefined
    ? { ...command, commitment: undefined, beacon: undefined, people: undefined }
    : command;
  const found = verify(known, held);
  if (json) host.out(asJson({ ...found, facts: facts ?? null }));
  else {
    const title = facts === undefined ? [] : [`The lottery of room "${facts.room}", line ${facts.epoch}`];
    const lines = found.looks.map(({ is, says }) => `${is.padEnd(5)}  ${says}`);
    host.out(plain([...title, ...lines].join("\n")));
  }
  return found.ok ? 0 : 1;
}

async function factsFrom(from: string, timeoutMs: number, host: Host): Promise<LotteryFacts> {
  const isAddress = /^https?:\/\//i.test(from);
  const text = isAddress ? await fetched(from, timeoutMs, host) : await textOf(from, host);
  const facts = readFacts(text.replace(/^\ufeff/, ""));
  if (!("fault" in facts)) return facts;
  throw new UsageError(`${from} is not what a room publishes of its lottery: ${facts.fault}`);
}

async function fetched(from: string, timeoutMs: number, host: Host): Promise<string> {
  if (!URL.canParse(from)) throw new UsageError(`--from is no address: ${from}`);
  const signal = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await host.network.fetch(from, { headers: { accept: "application/json" }, signal });
  } catch (error) {
    const why = signal.aborted ? `it did not answer within ${timeoutMs} ms` : messageOf(error);
    throw new UsageError(`${from} cannot be read: ${why}`);
  }
  const { end, text } = await readText(response.body, { maxBytes: longest, signal });
  if (response.status === 404) {
    throw new UsageError(`${from} answers 404: there is no such room, or it has no lottery`);
  }
  if (!response.ok) throw new UsageError(`${from} answers with status ${response.status}`);
  if (end !== "whole") throw new UsageError(`${from} cannot be read to its end`);
  return text;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ""
    ? `${error.message} (${cause.message})`
    : error.message;
}
