import { detached } from "../../../src/crypto/detached.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import { longestText, read, spell } from "./proof-text.ts";
import type { Proof } from "./proofs.ts";
import { checkKeys, createSeals } from "./seals.ts";

/** Signs tickets and passes, and reads those that were signed. */
export interface Sealer {
  /**
   * Signs with the first key.
   *
   * @param room The room's name.
   * @param proof A ticket or a pass.
   * @param binding What the owner binds it to; `""` for nothing.
   * @returns At most 199 characters of `A-Z a-z 0-9 _ - . !`
   * @throws {GateError} `internal` for a proof with numbers or a tag that none has.
   */
  seal(room: string, proof: Proof, binding: string): string;
  /**
   * Reads what one of the keys signed for this room and this binding. Time plays no part in it: whether a pass has ended is for
   * whoever asks.
   *
   * @param room The room's name.
   * @param text Whatever a visitor sent.
   * @param binding What the owner binds it to.
   * @returns The ticket or pass, or `undefined` for every other text. It never throws.
   */
  open(room: string, text: string, binding: string): Proof | undefined;
}

/** A text that was verified, and for what. */
interface Verified {
  readonly room: string;
  readonly binding: string;
  readonly proof: Proof;
}

/** How many verified texts are remembered: each has about 600 bytes. */
const memoSize = 4096;
/** The longest binding with which a text is remembered: visitors may have a say in it, as in their user agent. */
const longestBinding = 256;

/**
 * Prepares the keys: the first signs, all verify, so that keys can be rotated without losing anybody.
 *
 * A visitor who comes again is spared the hash. Only texts that were verified are remembered, with their room and binding.
 *
 * @param secretKeys The keys, of at least 32 bytes each.
 * @returns The sealer.
 * @throws {TypeError} When there is no key, or one that is too short.
 */
export function createSealer(secretKeys: readonly string[]): Sealer {
  checkKeys("waiting-room plugin", secretKeys);
  const seals = createSeals(secretKeys);
  const memo = createMemo<Verified>(memoSize);
  return {
    seal: (room, proof, binding) => seals.close({ use: "proof", room, binding }, spell(proof)),
    open(room, text, binding) {
      if (text.length > longestText) return undefined;
      const known = memo.get(text);
      if (known !== undefined && known.room === room && known.binding === binding) return known.proof;
      const body = seals.open({ use: "proof", room, binding }, text);
      if (body === undefined) return undefined;
      const proof = read(detached(body));
      if (proof !== undefined && binding.length <= longestBinding) {
        const kept = detached(binding);
        // A text with half a character, or with a byte-order mark, does not survive it.
        if (kept === binding) memo.set(detached(text), { room, binding: kept, proof });
      }
      return proof;
    },
  };
}
