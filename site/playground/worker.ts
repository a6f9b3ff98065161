/** Runs what was typed: loads it as a module, hands requests to its gate, and tells what came of them. */

import type { Gate, Platform } from "../../mod.ts";
import { CodeError, compile, type Import } from "./compile.ts";
import type { Answered, Asked, Explained, Order, Outcome, Told, Wrong } from "./messages.ts";
import { becomeServer } from "./server-web.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/** What a module of the playground exports. */
interface Typed {
  readonly gate: Gate;
  readonly default?: Handler;
  readonly services?: Readonly<Record<string, Handler>>;
}

const longest = 200_000;
/** How much is printed for one order: what prints without end would hold up the page, which is to end it. */
const mostLines = 1000;
const longestLine = 10_000;
const library = libraryAt(new URL(self.name));
const state: { typed?: Typed; url?: string; lines: number } = { lines: 0 };
const tell = self.postMessage.bind(self) as (told: Told) => void;

becomeServer();
for (const level of ["log", "info", "warn", "error"] as const) {
  console[level] = (...values: readonly unknown[]) => {
    if (state.lines < mostLines) print(values.map(shown).join(" "));
  };
}
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  print(
    `A promise was rejected, and nobody looked: ${wrongOf(event.reason).message}`,
  );
});
self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  state.lines = 0;
  const work = data.do === "load" ? load(data.id, data.code) : send(data.id, data.asked);
  work.catch((error: unknown): Outcome => ({
    is: "wrong",
    wrong: wrongOf(error),
  }))
    .then((outcome) => tell({ id: data.id, outcome }));
});

function print(line: string): void {
  if (state.lines++ >= mostLines) return;
  const isLast = state.lines === mostLines;
  tell({
    line: isLast ? `… more than ${mostLines} lines are left out` : line.slice(0, longestLine),
  });
}

/** The modules of the package, whose folder is named by the worker's name. */
function libraryAt(folder: URL): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(__LIBRARY__).map((
      [name, file],
    ) => [name, new URL(file, folder).href]),
  );
}

async function load(id: number, code: string): Promise<Outcome> {
  const { script, imports } = compile(code, library);
  for (const each of imports) await checkImport(each);
  const blob = new Blob([script], { type: "text/javascript" });
  if (state.url !== undefined) URL.revokeObjectURL(state.url);
  delete state.typed;
  state.url = URL.createObjectURL(blob);
  tell({ id, begins: true });
  // Whoever typed it may have exported anything.
  const typed = await import(/* @vite-ignore */ state.url) as Partial<
    Record<keyof Typed, unknown>
  >;
  const { gate } = typed;
  if (typeof gate !== "function" || !("explain" in gate)) {
    throw new CodeError(
      'Export the gate as "gate": export const gate = createGate({ … })',
      undefined,
    );
  }
  // It is a gate, and the rest is called and seen.
  state.typed = typed as unknown as Typed;
  return {
    is: "loaded",
    plan: state.typed.gate.plan.filter(({ plugins }) => plugins.length > 0)
      .map(({ hook, plugins }) => `${hook}: ${plugins.join(", ")}`),
  };
}

/** Tells by the line what a module does not have: the browser would not say where. */
async function checkImport({ url, from, names, line }: Import): Promise<void> {
  // A module is an object of what it exports.
  const offered = Object.keys(await import(/* @vite-ignore */ url) as object);
  const missing = names.find((name) => !offered.includes(name));
  if (missing !== undefined) {
    throw new CodeError(
      `"${from}" has no ${missing}. It has ${offered.sort().join(", ")}`,
      line,
    );
  }
}

async function send(id: number, asked: Asked): Promise<Outcome> {
  const { typed } = state;
  if (typed === undefined) {
    throw new CodeError("Nothing is loaded yet", undefined);
  }
  tell({ id, begins: true });
  const { origin } = new URL(asked.url);
  const service = typed.services?.[origin];
  if (service !== undefined) {
    return {
      is: "answered",
      answered: await answered(
        await service(requestOf(asked)),
        "service",
        undefined,
      ),
    };
  }
  const { platform } = await import(
    /* @vite-ignore */ library["stanchion"] ?? ""
  ) as typeof import("../../mod.ts");
  const where = platform({ peerAddress: asked.address });
  const explained = await explainedBy(typed.gate, asked, where);
  const application = typed.default ??
    (() => new Response("The application has answered."));
  const response = await typed.gate(
    requestOf(asked),
    (): unknown => application(requestOf(asked)),
    where,
  );
  if (!(response instanceof Response)) {
    throw new CodeError(
      `The application must answer with a Response, it gave ${shown(response)}`,
      undefined,
    );
  }
  return {
    is: "answered",
    answered: await answered(response, "gate", explained),
  };
}

function requestOf({ method, url, headers, body }: Asked): Request {
  const made = new Headers();
  for (const [name, value] of headers) made.append(name, value);
  const hasBody = body !== "" && method !== "GET" && method !== "HEAD";
  return new Request(url, { method, headers: made, ...(hasBody && { body }) });
}

async function explainedBy(
  gate: Gate,
  asked: Asked,
  where: Platform,
): Promise<Explained> {
  const { decision, mode, failure, steps } = await gate.explain(
    requestOf(asked),
    where,
  );
  return {
    ...{ action: decision.action, reason: decision.reason, mode },
    failure: failure && `${failure.code}: ${failure.message}`,
    steps: steps.map(({ hook, plugin, said, notes }) => ({
      hook,
      plugin,
      said,
      notes: [...notes],
    })),
  };
}

async function answered(
  response: Response,
  by: Answered["by"],
  explained: Explained | undefined,
): Promise<Answered> {
  const text = await response.text();
  return {
    ...{
      status: response.status,
      headers: [...response.headers],
      by,
      explained,
    },
    text: text.length > longest ? `${text.slice(0, longest)}\n… (${text.length} characters)` : text,
  };
}

/** What is wrong, with the line of the code in which it went wrong. */
function wrongOf(error: unknown): Wrong {
  if (error instanceof CodeError) return error.wrong;
  if (!(error instanceof Error)) {
    return { message: `The code threw ${shown(error)}`, line: undefined };
  }
  const at = state.url === undefined ? -1 : (error.stack ?? "").indexOf(`${state.url}:`);
  const line = at < 0 ? undefined : Number.parseInt(
    (error.stack ?? "").slice(at + `${state.url}:`.length),
    10,
  );
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return { message: `${error.name}: ${error.message}${cause}`, line };
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
