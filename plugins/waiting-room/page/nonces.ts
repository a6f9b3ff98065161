/** How long a nonce is, and for how many of them bytes are drawn at once: to ask the system for each takes longer than a page. */
const nonceBytes = 15;
const drawnAtOnce = 64;

/** Makes what gives each page a nonce of its own, which nobody can foretell: 120 bits in base64. */
export function createNonces(): () => string {
  const drawn = new Uint8Array(nonceBytes * drawnAtOnce);
  let at = drawn.length;
  return () => {
    if (at === drawn.length) {
      crypto.getRandomValues(drawn);
      at = 0;
    }
    const bytes = drawn.subarray(at, at += nonceBytes);
    const nonce = btoa(String.fromCharCode(...bytes));
    // No byte is used again, nor kept.
    bytes.fill(0);
    return nonce;
  };
}
