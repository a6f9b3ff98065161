/**
 * The script of the page of a lottery: it computes a place again in the visitor's own browser, by what was published and nothing else.
 * What it computes is what `lottery/` computes, which a test compares.
 */
export const lotteryScript: string = `(() => {
  const { dataset } = document.currentScript;
  const { commitment, registered, beacon, secret } = JSON.parse(dataset.facts);
  const texts = JSON.parse(dataset.texts);
  const count = (number) => number.toLocaleString(document.documentElement.lang);
  const part = (name) => document.querySelector('[data-part="' + name + '"]');
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  async function keyed(text) {
    const key = await crypto.subtle.importKey("raw", bytes(text), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return (message) => crypto.subtle.sign("HMAC", key, bytes(message));
  }

  async function placeOf(number) {
    if (registered === 1) return 1;
    const seed = hex(await (await keyed(secret))("stanchion lottery seed 1 " + registered + " " + beacon));
    const hash = await keyed(seed);
    let bits = 2;
    while (2 ** bits < registered) bits++;
    const rounds = bits <= 8 ? 24 : 8, lowSize = 2 ** (bits >> 1), highSize = 2 ** (bits - (bits >> 1));
    const word = async (round, half) => new DataView(await hash(round + " " + half)).getUint32(0);
    let index = number - 1;
    do {
      let low = index % lowSize, high = (index - low) / lowSize;
      for (let round = 0; round < rounds; round++) {
        if (round % 2 === 0) high ^= await word(round, low) % highSize;
        else low ^= await word(round, high) % lowSize;
      }
      index = high * lowSize + low;
    } while (index >= registered);
    return index + 1;
  }

  async function compute() {
    const number = Math.floor(Number(part("number").value));
    if (!(number >= 1)) return texts.number;
    const found = hex(await crypto.subtle.digest("SHA-256", bytes("stanchion lottery commitment 1 " + secret)));
    if (found !== commitment) return texts.broken;
    const place = number > registered ? number : await placeOf(number);
    return (number > registered ? texts.late : texts.place).replace("%1", count(number)).replace("%2", count(place));
  }

  part("check").addEventListener("submit", (event) => {
    event.preventDefault();
    const told = (text) => { part("answer").textContent = text; };
    if (!globalThis.crypto?.subtle) told(texts.unable);
    else compute().then(told, () => told(texts.unable));
  });
  part("check").hidden = false;
})();`;
