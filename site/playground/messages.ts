/** What the page and the worker of the playground tell each other. */

/** A request, as the page has it. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The address of the visitor. */
  readonly address: string;
}

/** What the page wants. */
export type Order =
  | { readonly id: number; readonly do: "load"; readonly code: string }
  | { readonly id: number; readonly do: "send"; readonly asked: Asked };

/** An answer. */
export interface Answered {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as text, cut off where it is long. */
  readonly text: string;
  /** Who answered: the gate with the application behind it, or one of the `services`. */
  readonly by: "gate" | "service";
  readonly explained: Explained | undefined;
}

/** What `gate.explain()` told before the request was sent. */
export interface Explained {
  readonly action: string;
  readonly reason: string;
  readonly mode: string;
  readonly failure: string | undefined;
  readonly steps: readonly {
    readonly hook: string;
    readonly plugin: string;
    readonly said: string;
    readonly notes: readonly string[];
  }[];
}

/** What is wrong with the code. */
export interface Wrong {
  readonly message: string;
  /** The line of the code, from 1 on, where it is known. */
  readonly line: number | undefined;
}

/** What came of it. */
export type Outcome =
  | { readonly is: "loaded"; readonly plan: readonly string[] }
  | { readonly is: "answered"; readonly answered: Answered }
  | { readonly is: "wrong"; readonly wrong: Wrong };

/** What the worker tells. */
export type Told =
  | { readonly id: number; readonly outcome: Outcome }
  /** All is there that the code needs, and it begins to run. */
  | { readonly id: number; readonly begins: true }
  | { readonly line: string };
