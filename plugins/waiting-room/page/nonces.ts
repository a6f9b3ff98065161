import { createDrawn } from "../tickets/mod.ts";

/** Makes what gives each page a nonce of its own, which nobody can foretell: 120 bits in base64url. */
export function createNonces(): () => string {
  return createDrawn(15);
}
