/**
 * Tickets and passes of the waiting room: how they are signed, read and kept in cookies, and who may have one.
 *
 * @module
 */

export { createDrawn, type RandomBytes } from "./drawn.ts";
export { mayTakeNumber } from "./may-take-number.ts";
export { createNewcomers, type NewcomerOptions, type Newcomers } from "./newcomers.ts";
export type { BucketSize } from "./buckets.ts";
export { isOwnPost } from "./own-post.ts";
export {
  cookieNameOf,
  type CookiePlace,
  forgetProof,
  type Line,
  proofCookie,
  surplusCookies,
} from "./proof-cookie.ts";
export {
  firstPass,
  keptTicket,
  type Lot,
  type Pass,
  type Place,
  type Proof,
  type Registration,
  registrationOf,
  renewedPass,
  standingOf,
  takesLatePost,
  type Ticket,
  ticketOf,
} from "./proofs.ts";
export { createPuzzle, type Puzzle, type PuzzleOptions, type PuzzleView, type Solved } from "./puzzle.ts";
export { puzzleScript } from "./puzzle-script.ts";
export {
  heldProof,
  nativeHeader,
  orderProofs,
  type ProofQuestion,
  readProof,
  type SentProofs,
} from "./read-proof.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { createIdentities, createTags, type Identities, newSecretKey, newTag } from "./tags.ts";
