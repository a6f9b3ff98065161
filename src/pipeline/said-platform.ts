import type { Platform } from "../context.ts";
import { checkFunction, checkOptions, shapeError } from "../options/check.ts";

/** What the owner says of the connection. What is left out is recognised. */
export interface PlatformOptions {
  /**
   * The address of the socket's other end, or of the visitor where the platform vouches for it; `undefined` where it is
   * known that nobody knows it.
   *
   * @default {recognised by the shape of the other arguments}
   */
  readonly peerAddress?: string | undefined;
  /**
   * Keeps the platform alive until the promise is settled; `undefined` where it is known that there is no such thing. It is
   * called without a `this`.
   *
   * @default {recognised by the shape of the other arguments}
   */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * What {@linkcode platform} makes. It is known by a private field, so that nothing which only looks like it counts: no parsed
 * body, no copy, and no object that inherits from one.
 */
export class SaidPlatform implements Platform {
  readonly #said: PlatformOptions;

  constructor(options: PlatformOptions) {
    const subject = "platform";
    checkOptions(subject, options, ["peerAddress", "waitUntil"]);
    const { peerAddress, waitUntil } = options;
    if (peerAddress !== undefined && typeof peerAddress !== "string") {
      throw shapeError(subject, "peerAddress", "a string, or undefined where nobody knows it", peerAddress);
    }
    if (waitUntil !== undefined) checkFunction(subject, "waitUntil", waitUntil);
    this.#said = {
      ...("peerAddress" in options && { peerAddress }),
      ...("waitUntil" in options && { waitUntil }),
    };
    Object.freeze(this);
  }

  get peerAddress(): string | undefined {
    return this.#said.peerAddress;
  }

  get waitUntil(): Platform["waitUntil"] {
    return this.#said.waitUntil;
  }

  /** Whether it says this, be it that nobody knows. */
  says(name: keyof PlatformOptions): boolean {
    return name in this.#said;
  }

  static is(value: unknown): value is SaidPlatform {
    return typeof value === "object" && value !== null && #said in value;
  }
}
