import { base64Url } from "../../src/crypto/base64url.ts";
import { keyedHash } from "../../src/crypto/hmac.ts";
import { commitmentOf } from "./lottery/mod.ts";
import type { RoomStatus } from "./machine/mod.ts";

/** What the secrets of a room's lotteries are made of. */
export interface LotterySecretsOptions {
  readonly room: string;
  /** The room's key in the store: staging's lottery has another secret. */
  readonly key: string;
  /** The keys that sign, once they are known: a new one does not change a lottery that began with an older one. */
  readonly keys: () => readonly string[] | undefined;
  /** What the owner wants the secrets to be made of instead. */
  readonly secret: string | undefined;
  readonly warn: (message: string) => void;
}

/** The secrets of a room's lotteries: one for each opening. */
export interface LotterySecrets {
  /** A secret for an opening; `undefined` while the keys are not known. */
  made(opensAt: number): string | undefined;
  /** The secret that the lottery is bound to; `undefined` where this process does not know it. */
  bound(status: RoomStatus): string | undefined;
}

/** Makes them. */
export function createLotterySecrets(
  { room, key, keys, secret, warn }: LotterySecretsOptions,
): LotterySecrets {
  let known: { readonly commitment: string; readonly text: string } | undefined;
  const sources = () => secret === undefined ? keys() : [secret];
  return {
    made(opensAt) {
      const [first] = sources() ?? [];
      return first === undefined ? undefined : secretOf(first, key, opensAt);
    },
    bound({ commitment, committedFor }) {
      const all = sources();
      if (commitment === "" || all === undefined) return undefined;
      if (known?.commitment === commitment) return known.text;
      const text = all.map((each) => secretOf(each, key, committedFor))
        .find((each) => commitmentOf(each) === commitment);
      if (text !== undefined) known = { commitment, text };
      else {
        warn(
          `waiting-room: the lottery of room "${room}" is bound to a secret that this process does not know: give all processes the same secretKeys, or the same lottery.secret, as when registration began`,
        );
      }
      return text;
    },
  };
}

/** The secret of one opening: whoever is told it learns nothing of the key, nor of another opening. */
function secretOf(key: string, room: string, opensAt: number): string {
  return base64Url(keyedHash(key)(`stanchion lottery secret 1 ${opensAt} ${room}`));
}
