/**
 * What a gate can decide about a request. Expected outcomes are values; only faults throw.
 *
 * @module
 */

/**
 * Why a decision was taken: `"<plugin>/<word>"`, such as `"crowdhandler/promoted"`. Logs, metrics and
 * {@linkcode Gate.explain} share it.
 */
export type Reason = `${string}/${string}`;

/**
 * A change to the headers of the response. `set-cookie` and `vary` are appended to what is there, every other
 * header is replaced.
 */
export type HeaderChange = readonly [name: string, value: string];

/**
 * An answer in its parts. The gate makes one response of them, once all headers are known. Of a `Response` it would have to make another one
 * to add its own headers, which takes several times as long.
 */
export interface PlainAnswer {
  /** The status, from 200 to 599. */
  readonly status: number;
  /** The headers by their names, in any case; a `content-type` wherever there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body; `null` where there is none, as in answers to `HEAD`. */
  readonly body: string | null;
}

/** Where a visitor stands in the line. */
export interface PlaceInLine {
  /** The place, from 1 on. */
  readonly position: number;
  /** How many people are before the visitor. */
  readonly ahead?: number;
  /** How long the visitor is going to wait, in milliseconds. */
  readonly waitMs?: number;
}

/**
 * What a provider tells of a visit, beside what it decided. Other plugins read it: they keep places, answer programs and
 * count by it. A provider tells what it knows, and leaves out the rest.
 */
export interface Facts {
  /** The waiting room that covers the page; `""` for a page on which nobody can have a place. */
  readonly room?: string | undefined;
  /** The token or id by which the provider knows the visitor. */
  readonly visitor?: string | undefined;
  /**
   * What the decision rests on: the `service`, which was asked just now, or the `signature` of something that the visitor
   * brought. Left out where nobody had to prove anything, such as on pages without a waiting room. By what was proven,
   * `grace()` keeps places, and a failure policy sees that an outage is over.
   */
  readonly proven?: "service" | "signature" | undefined;
  /** Where the visitor stands in the line. */
  readonly place?: PlaceInLine | undefined;
  /** The query parameter of `location` that holds the page to come back to; left out where that is fixed. */
  readonly returnBy?: string | undefined;
  /**
   * The query parameters by which the service tells something to a page that a visitor comes back to, such as the visitor's token. A
   * page goes without them into `returnBy`: those of an earlier return would count before the new ones. Their names are compared in any
   * case, and without escapes.
   */
  readonly returnWithout?: readonly string[] | undefined;
  /** The visit ends here: whoever keeps a place for the visitor forgets it. */
  readonly ends?: true | undefined;
}

/** What all decisions tell. */
export interface Told {
  /** Why. */
  readonly reason: Reason;
  /** What the provider knows of the visit. */
  readonly facts?: Facts | undefined;
}

/** What the refusals share that the gate itself puts into words. */
export interface SpokenRefusal extends Told {
  /** Headers of the answer, such as the provider's own form of `Cache-Control`. */
  readonly headers?: readonly HeaderChange[];
}

/** The visitor is served. */
export type Admission =
  /** The request is none of the provider's business: it is served without a question. */
  | Told & { readonly action: "bypass" }
  /** The visitor may enter. */
  | Told & { readonly action: "admit" };

/** The visitor is not served: the gate answers itself. */
export type Refusal =
  /** The visitor must wait, at `location`. */
  | SpokenRefusal & { readonly action: "queue"; readonly location: string }
  /** The visitor comes back at `location`, the same page under its clean URL. */
  | SpokenRefusal & { readonly action: "redirect"; readonly location: string }
  /** The request is turned down with this HTTP status, from 400 to 599. */
  | SpokenRefusal & { readonly action: "reject"; readonly status: number }
  /** The plugin answers with a response of its own. */
  | Told & {
    readonly action: "respond";
    /** The answer: a response, or its parts, which are answered faster. */
    readonly response: Response | PlainAnswer;
    /**
     * Whether the response is the same for everybody, so that its own `Cache-Control` counts. Without it nobody may store the answer, and
     * neither where it gets a cookie.
     */
    readonly isPublic?: true;
  };

/** The value that a `decide` or `recover` hook returns. */
export type Decision = Admission | Refusal;

/**
 * Tells whether a decision lets the application answer.
 *
 * @param decision A decision.
 * @returns `true` for `bypass` and `admit`.
 *
 * @example
 * ```ts
 * import { isAdmission } from "stanchion";
 *
 * isAdmission({ action: "admit", reason: "guest-list/staff" }); // true
 * ```
 */
export function isAdmission(decision: Decision): decision is Admission {
  return decision.action === "admit" || decision.action === "bypass";
}
