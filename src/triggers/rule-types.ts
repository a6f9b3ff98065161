/** The types of rules that are written in code. */

/** What a text must be. Exactly one of `equals`, `contains` and `present` is given. */
export interface TextTest {
  /** It is this text, or one of these. */
  readonly equals?: string | readonly string[];
  /** This text, or one of these, is part of it. */
  readonly contains?: string | readonly string[];
  /** There is such a thing and it is not empty; or, if `false`, there is not. */
  readonly present?: boolean;
  /**
   * Whether the opposite is wanted.
   *
   * @default {false}
   */
  readonly not?: boolean;
  /**
   * Whether upper and lower case are the same, which is so for texts with the same `toUpperCase()`. For parts of the URL
   * they are anyway, unless the test is negated or the gate is `caseSensitive`.
   *
   * @default {false}
   */
  readonly ignoreCase?: boolean;
}

/** What the text under a name must be. */
export interface NamedTest extends TextTest {
  /** The name of the cookie, in its exact case, or of the header. */
  readonly name: string;
}

/**
 * What must all be true of a request. What is absent from it counts as the empty text.
 *
 * The URL is tested in every form in which a program may know it: as it was written, decoded, without dot segments and
 * others. A text is found in any case, encoded or not, unless the test is negated: what that lets pass is what is written.
 */
export interface TriggerCondition {
  /** The URL as a whole, by whichever scheme. */
  readonly url?: TextTest;
  /** The URL's path: `/café` or `/caf%C3%A9`. */
  readonly path?: TextTest;
  /** The URL's host with its port, if it is not the default one; a text without port is found on any. */
  readonly host?: TextTest;
  /** The URL's host without port. */
  readonly hostname?: TextTest;
  /** The user agent. */
  readonly userAgent?: TextTest;
  /**
   * The body. It is read only if nothing else settles the matter. {@linkcode triggers} compares it in several forms, as it
   * was sent, as forms and JSON are read, and with its fields in the notation of either.
   */
  readonly body?: TextTest;
  /** A cookie, or several. */
  readonly cookie?: NamedTest | readonly NamedTest[];
  /** A header, or several. */
  readonly header?: NamedTest | readonly NamedTest[];
}

/** A rule that says which requests are meant. Exactly one of `any` and `all` is given. */
export interface TriggerRule {
  /** Its name, for logs and {@linkcode Gate.explain}. */
  readonly name: string;
  /** Conditions of which one must be true. */
  readonly any?: readonly TriggerCondition[];
  /** Conditions that must all be true. */
  readonly all?: readonly TriggerCondition[];
  /**
   * Whether the URL is normalised before it is compared, so that `//a/../%62` is `/b`.
   *
   * @default {false}
   */
  readonly normalize?: boolean;
}
