/**
 * What plugins and providers tell each other about a visit, beside its decision.
 *
 * @module
 */

import { type ContextKey, contextKey } from "./context.ts";

/**
 * The slot that says that nobody looks at the answer yet: a browser fetches the page in advance. A provider checks such
 * a visit as every other, but opens no place in a waiting room for it; it refuses whom it cannot check without.
 */
export const passiveVisit: ContextKey<boolean> = contextKey("passive visit");

/**
 * The slot in which a provider tells by which token it knows the visitor, once it has decided. It is empty for a visitor
 * who has none.
 */
export const visitorToken: ContextKey<string> = contextKey("visitor token");

/**
 * The slot in which a provider says that its admission rests on a proof: the service, or a signature, says that the visitor was
 * let in. It stays empty for pages without a waiting room, which anybody may enter.
 */
export const promoted: ContextKey<true> = contextKey("promoted visitor");

/**
 * The slot in which a provider tells which waiting room covers the page, as soon as it knows: where it can, before it fails.
 * It is empty on pages that no room covers, and where the service alone could tell.
 */
export const waitingRoom: ContextKey<string> = contextKey("waiting room");

/**
 * The slot in which a provider tells the name of the query parameter by which the waiting room's address says where the
 * visitor returns to. It is empty where the place to return to is fixed.
 */
export const returnParameter: ContextKey<string> = contextKey("return parameter");
