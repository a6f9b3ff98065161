import { isPlaceholder, kindOfSecret } from "./secret-kind.ts";

/** Watches over the keys of a service from its first call on. */
export interface KeyWatch {
  /** A call is about to be made, or what came is about to be verified. */
  used(): void;
  /** A key was accepted. */
  accepted(): void;
  /** The service refused a call, for whatever reason; its status tells which. */
  refused(status: number | undefined): void;
  /** What came is signed with none of the keys: by somebody who made it up, or because the keys are wrong. */
  unsigned(): void;
}

/** Keys by the names of their options. */
export type Keys = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Makes the watch, which tells the owner of keys that look like placeholders when they are first used, not before: they stand in
 * examples and tests, where nobody is called. It never shows a key.
 *
 * @param subject Whose keys they are.
 * @param called The option whose key goes with each call.
 * @param warn Is told; once of each thing is up to it.
 */
export function createKeyWatch(
  subject: string,
  keys: Keys,
  called: string,
  warn: (message: string) => void,
): KeyWatch {
  let isUsed = false;
  let isAccepted = false;

  return {
    used() {
      if (isUsed) return;
      isUsed = true;
      for (const [option, given] of Object.entries(keys)) {
        for (const key of typeof given === "string" ? [given] : given ?? []) {
          if (!isPlaceholder(key)) continue;
          warn(
            `${subject}: a key in "${option}" looks like a placeholder, ${
              kindOfSecret(key)
            }; put your own in its place`,
          );
        }
      }
    },
    accepted() {
      isAccepted = true;
    },
    refused(status) {
      // 403 may be about one visitor, where others are checked.
      if (status !== 401 && (status !== 403 || isAccepted)) return;
      warn(
        `${subject}: the service refused the call with HTTP ${status}, and with it "${called}", ${
          kindOfSecret(keys[called])
        }; ` +
          "until the key is right nobody is checked, and the failure policy decides about everybody",
      );
    },
    unsigned() {
      if (isAccepted) return;
      warn(
        `${subject}: what a visitor brought is signed with none of "${called}", ${
          kindOfSecret(keys[called])
        }; somebody may ` +
          "have made it up, but while nobody gets in, the key is not the one that signs",
      );
    },
  };
}
