/**
 * The browser's side of the puzzle: the source of a JavaScript function, for the script of a page.
 *
 * It is called as `solve(challenge, bits, parts, done)`, and calls `done(text)` with what solves the challenge. It computes in slices
 * of 40 ms, so that the page stays alive, and in longer ones while the page is hidden, since browsers then wake it seldom. It needs
 * nothing of the browser but timers: `crypto.subtle` is absent from pages that are not encrypted, and slow for hashes of one block.
 *
 * The constants of SHA-256 are the fractions of roots of the first primes (FIPS 180-4, sections 4.2.2 and 5.3.3).
 */
export const puzzleScript: string = `function(challenge, bits, parts, done) {
  var start = [], keys = [], base = new Int32Array(16), w = new Int32Array(64), found = [], number = 0;
  var fraction = function (x) { return (x - Math.floor(x)) * 4294967296 | 0; };
  for (var n = 2; keys.length < 64; n++) {
    for (var d = 2; d * d <= n && n % d; d++);
    if (d * d <= n) continue;
    if (start.length < 8) start.push(fraction(Math.sqrt(n)));
    keys.push(fraction(Math.cbrt(n)));
  }
  keys = new Int32Array(keys);
  var mac = challenge.slice(-43);
  for (var at = 0; at < 43; at++) base[at >> 2] |= mac.charCodeAt(at) << 24 - 8 * (at & 3);
  base[12] = 1 << 31;
  base[15] = 384;
  function firstWord(part, number) {
    w.set(base);
    w[10] |= part;
    w[11] = number;
    for (var i = 16; i < 64; i++) {
      var x = w[i - 15], y = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) +
        ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
    }
    var a = start[0], b = start[1], c = start[2], d = start[3];
    var e = start[4], f = start[5], g = start[6], h = start[7];
    for (i = 0; i < 64; i++) {
      var s = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + keys[i] + w[i] | 0;
      var t = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + s | 0; d = c; c = b; b = a; a = s + t | 0;
    }
    return a + start[0] | 0;
  }
  (function run() {
    var isHidden = typeof document != "undefined" && document.hidden;
    for (var end = Date.now() + (isHidden ? 500 : 40); Date.now() < end;) {
      for (var i = 0; i < 500; i++, number++) {
        if (bits && firstWord(found.length, number) >>> 32 - bits) continue;
        found.push(number.toString(32));
        if (found.length == parts) return done(challenge + "~" + found.join("."));
        number = -1;
      }
    }
    setTimeout(run, 0);
  })();
}`;
