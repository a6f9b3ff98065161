import {
  createGate,
  type Decision,
  type Gate,
  type GateError,
  type GateOptions,
  type Plugin,
  type Provider,
} from "../../mod.ts";

export const admitted: Decision = { action: "admit", reason: "test/admitted" };
export const queued: Extract<Decision, { readonly action: "queue" }> = {
  action: "queue",
  reason: "test/queued",
  location: "https://wait.example/room",
};
export const bypassed: Decision = { action: "bypass", reason: "test/bypassed" };
export const rejected: Decision = { action: "reject", reason: "test/rejected", status: 403 };

/** A provider of one opinion. */
export function provider(decision: Decision): Provider {
  return { name: "provider", final: "decide", decide: () => decision };
}

/** A failure policy that keeps the gate closed. */
export const closing: Plugin = {
  name: "closing",
  recover: () => ({ action: "reject", reason: "closing/closed", status: 503 }),
};

/** A failure policy that opens the gate. */
export const opening: Plugin = {
  name: "opening",
  recover: () => ({ action: "admit", reason: "opening/open" }),
};

export interface Setup {
  readonly gate: Gate;
  /** What was reported to `onError`. */
  readonly faults: readonly GateError[];
}

/** A gate of the given plugins, then a policy that closes and a provider that admits, unless they are among them. */
export function gateOf(plugins: readonly Plugin[], options: Omit<GateOptions, "plugins"> = {}): Setup {
  const faults: GateError[] = [];
  const policy = plugins.some(({ final }) => final === "recover") ? [] : [closing];
  const last = plugins.some(({ final }) => final === "decide") ? [] : [provider(admitted)];
  const gate = createGate({
    plugins: [...plugins, ...policy, ...last],
    onError: (error) => faults.push(error),
    ...options,
  });
  return { gate, faults };
}

export function request(path: string = "/", init?: RequestInit): Request {
  return new Request(`https://shop.example${path}`, init);
}

export function page(): Response {
  return new Response("page");
}

/** What the types forbid and JavaScript allows. */
export function untyped<T>(value: unknown): T {
  return value as T;
}

/** Waits until everything that is due now has happened. */
export function turn(ms: number = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A response that is known to be no promise. */
export function answered(value: Response | Promise<Response>): Response {
  if (!(value instanceof Response)) {
    throw new TypeError("The gate gave a promise where it could have answered");
  }
  return value;
}
