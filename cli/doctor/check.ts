/** What is looked at, in the order in which it is told. */
export const topics = [
  "way",
  "key",
  "clock",
  "configuration",
  "rooms",
  "page",
  "address",
  "token",
  "visit",
] as const;

/** Something that was looked at, and what was found. */
export interface Check {
  readonly topic: (typeof topics)[number];
  /** `problem`: visitors are, or would be, treated otherwise than they should. `note`: look whether it is meant so. */
  readonly level: "ok" | "note" | "problem";
  /** A word for programs. */
  readonly code: string;
  /** What was found, in one sentence or two. */
  readonly message: string;
  /** What to do. */
  readonly advice: string | null;
}

/** A call that was made. */
export interface CallView {
  readonly what: string;
  /** `null` where there was no answer. */
  readonly status: number | null;
  readonly ms: number;
  readonly fault: string | null;
}

/** What both doctors tell. */
export interface Report {
  readonly ok: boolean;
  readonly service: string;
  /** The page, without the values of its query. */
  readonly page: string;
  /** Where the service was asked. */
  readonly api: string;
  readonly checks: readonly Check[];
  readonly calls: readonly CallView[];
  /** How far this machine's clock is before that of the service, in seconds, and how exactly that is known. */
  readonly clock: { readonly aheadSeconds: number; readonly withinSeconds: number } | null;
}

/** Takes down what was found. */
export interface Findings {
  readonly checks: Check[];
  ok(topic: Check["topic"], code: string, message: string): void;
  note(topic: Check["topic"], code: string, message: string, advice?: string): void;
  problem(topic: Check["topic"], code: string, message: string, advice?: string): void;
}

/** Makes an empty list of findings. */
export function createFindings(): Findings {
  const checks: Check[] = [];
  const add =
    (level: Check["level"]) => (topic: Check["topic"], code: string, message: string, advice?: string) =>
      void checks.push({ topic, level, code, message, advice: advice ?? null });
  return { checks, ok: add("ok"), note: add("note"), problem: add("problem") };
}

/** Whether nothing is wrong. */
export function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ level }) => level !== "problem");
}
