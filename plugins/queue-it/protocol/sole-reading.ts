import { messageOf, type SessionFields } from "./session-fields.ts";

/** How a session is marked that began without an answer of the direct pass. */
export const unanswered = {
  queueId: "",
  fixedMinutes: 3,
  redirectType: "timeout",
  hashedAddress: "",
} as const;

/** What stands in front of the time of such a session. */
const unansweredEnd = `${unanswered.fixedMinutes}${unanswered.redirectType}`;

/** What may stand behind a queue id: a validity, a type, a time and an address. */
const behindQueueId = /^[0-9]{0,4}[A-Za-z]*[0-9]{10}(?:[0-9a-f]{64})?$/i;

/** Tells whether it is the one session that every connector writes without a queue id: nobody answered for its visitor. */
export function isUnanswered(
  { queueId, fixed, redirectType, hashedAddress }: Readonly<SessionFields>,
): boolean {
  return (queueId ?? "") === "" && fixed === String(unanswered.fixedMinutes) &&
    redirectType === unanswered.redirectType && !hashedAddress;
}

/**
 * Tells whether what is signed of a session without a queue id, once its seal is taken away, is no other session that counts:
 * neither one whose room's id ends earlier and is followed by a queue id, nor one that nobody answered for.
 */
export function isSoleReading(raw: Readonly<SessionFields>, queueIdPattern: RegExp): boolean {
  const text = messageOf(raw);
  if (!isUnanswered(raw) && text.replace(/[0-9]{10}$/, "").endsWith(unansweredEnd)) return false;
  for (let end = text.length; end > 1; end--) {
    if (behindQueueId.test(text.slice(end)) && startsOf(text.slice(0, end), queueIdPattern) === 1) {
      return false;
    }
  }
  return true;
}

/**
 * At how many places behind the id of some room a queue id can begin that ends with the text. A pattern for which there are several
 * fits ids of several lengths: it tells nobody where a room's id ends, whether there is a queue id or none.
 */
function startsOf(text: string, queueIdPattern: RegExp): number {
  let count = 0;
  for (let start = 1; start < text.length && count < 2; start++) {
    if (queueIdPattern.test(text.slice(start))) count++;
  }
  return count;
}
