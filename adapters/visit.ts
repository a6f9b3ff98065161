import type { Context as GateContext, ContextKey } from "../src/context.ts";
import type { Decision } from "../src/decision.ts";
import type { Gate } from "../src/gate.ts";

/** What a pipeline found out about a request. */
export interface StanchionFacts {
  /** The visitor's address: the one that `clientIp()` finds, otherwise the socket's; `undefined` where none is known. */
  readonly address: string | undefined;

  /**
   * Reads a slot of the pipeline.
   *
   * @param key The slot's key.
   * @returns Its value, or `undefined` when no plugin filled it.
   */
  get<T>(key: ContextKey<T>): T | undefined;
}

/** What a gate found out about a request, and decided. */
export interface StanchionVisit extends StanchionFacts {
  /** What was decided; a refusal when the gate only reports. */
  readonly decision: Decision;
  /** The token or id by which the provider knows the visitor. */
  readonly visitor: string | undefined;
}

/** The variables that `honoGate()` sets: `c.get("stanchion")`. */
export interface StanchionVariables {
  /** What the gate found out about the request. */
  readonly stanchion: StanchionVisit;
}

/** The variables that a middleware finds which runs as a plugin: `c.get("stanchion")`. */
export interface StanchionFactVariables {
  /** What the pipeline found out about the request so far. */
  readonly stanchion: StanchionFacts;
}

/** The facts of a context, looked up when asked for. */
export class Facts implements StanchionFacts {
  readonly #ctx: GateContext | undefined;

  constructor(ctx: GateContext | undefined) {
    this.#ctx = ctx;
  }

  get address(): string | undefined {
    return this.#ctx?.address;
  }

  get<T>(key: ContextKey<T>): T | undefined {
    return this.#ctx?.get(key);
  }
}

/** A visit that knows which gate it passed. */
export class Visit extends Facts implements StanchionVisit {
  readonly decision: Decision;
  readonly #gate: Gate;

  constructor(ctx: GateContext | undefined, decision: Decision, gate: Gate) {
    super(ctx);
    this.decision = decision;
    this.#gate = gate;
  }

  get visitor(): string | undefined {
    return this.decision.facts?.visitor;
  }

  /** Tells whether a value is a visit that passed a gate. */
  static hasPassed(gate: Gate, value: unknown): boolean {
    return value instanceof Visit && value.#gate === gate;
  }
}
