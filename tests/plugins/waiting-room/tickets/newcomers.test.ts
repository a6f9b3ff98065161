import assert from "node:assert/strict";
import { test } from "node:test";
import { createNewcomers, type Newcomers } from "../../../../plugins/waiting-room/tickets/mod.ts";
import { now } from "./_proofs.ts";

/** How many of so many numbers an address gets at one moment. */
function taken(newcomers: Newcomers, address: string | undefined, count: number, at: number = now): number {
  let got = 0;
  for (let each = 0; each < count; each++) if (newcomers.take(address, at)) got++;
  return got;
}

test("createNewcomers() gives an address 200 numbers, and 120 a minute after that (W27)", () => {
  const newcomers = createNewcomers();
  assert.equal(taken(newcomers, "192.0.2.1", 300), 200);
  assert.equal(taken(newcomers, "192.0.2.1", 10, now + 499), 0);
  assert.equal(taken(newcomers, "192.0.2.1", 10, now + 500), 1);
  assert.equal(taken(newcomers, "192.0.2.1", 300, now + 60_500), 120);
  assert.equal(taken(newcomers, "192.0.2.1", 300, now + 10 * 60_000), 200);
  assert.equal(taken(newcomers, "192.0.2.2", 300), 200);
  // The same one, spelled as IPv6.
  assert.equal(taken(newcomers, "::ffff:192.0.2.2", 300), 0);
});

test("createNewcomers() counts networks of IPv6: 4 times as much for a /56, 16 times for a /48 (W27)", () => {
  const newcomers = createNewcomers();
  assert.equal(
    taken(newcomers, "2001:db8:1:100::1", 100) + taken(newcomers, "2001:db8:1:100:f::2", 300),
    200,
  );
  let all = 200;
  for (let at = 1; at < 256; at++) {
    all += taken(newcomers, `2001:db8:1:1${at.toString(16).padStart(2, "0")}::1`, 300);
  }
  assert.equal(all, 800);
  for (let at = 0; at < 256; at++) {
    if (at === 1) continue;
    all += taken(newcomers, `2001:db8:1:${at.toString(16)}00::1`, 300);
  }
  assert.equal(all, 3200);
  assert.equal(taken(newcomers, "2001:db8:2::1", 300), 200);
});

test("createNewcomers() takes nothing from a network for what one of its addresses was refused", () => {
  const newcomers = createNewcomers();
  assert.equal(taken(newcomers, "2001:db8::1", 10_000), 200);
  assert.equal(taken(newcomers, "2001:db8:0:1::1", 300), 200);
  assert.equal(taken(newcomers, "2001:db8:0:2::1", 300), 200);
});

test("createNewcomers() has one bucket with limits of its own for addresses that are not known", () => {
  const newcomers = createNewcomers();
  assert.equal(taken(newcomers, undefined, 5000), 3200);
  // What is no address is as good as none.
  for (const text of ["", "not an address", "192.0.2.1:80", "x".repeat(1e6), "\0", "300.1.1.1", "[::1]"]) {
    assert.equal(newcomers.take(text, now), false, text.slice(0, 20));
  }
  assert.equal(newcomers.take("192.0.2.1", now), true);
  const small = createNewcomers({ unknown: { burst: 3, perMinute: 60 } });
  assert.equal(taken(small, undefined, 10), 3);
  assert.equal(taken(small, undefined, 10, now + 1000), 1);
});

test("createNewcomers() refills nobody's bucket in a flood of other addresses (W27)", () => {
  for (let seed = 0; seed < 8; seed++) {
    const random = (bytes: number) =>
      Uint8Array.from({ length: bytes }, (_, at) => seed * 37 + at * 11 & 255);
    const newcomers = createNewcomers({ maxAddresses: 1000, random });
    assert.equal(taken(newcomers, "192.0.2.1", 300), 200);
    for (let at = 0; at < 50_000; at++) {
      newcomers.take(`10.${at >> 16}.${at >> 8 & 255}.${at & 255}`, now);
    }
    assert.equal(newcomers.take("192.0.2.1", now), false);
    assert.equal(newcomers.take("192.0.2.1", now + 400), false);
    // Minutes later nothing of it is left.
    assert.equal(taken(newcomers, "192.0.2.1", 300, now + 200_000), 200);
    assert.equal(taken(newcomers, "198.51.100.7", 300, now + 200_000), 200);
  }
});

test("createNewcomers() gives every address at once what a crowd of households takes", () => {
  const newcomers = createNewcomers();
  let refused = 0;
  // A million addresses in a minute, one number each.
  for (let at = 0; at < 1_000_000; at++) {
    const address = `${1 + (at >> 16)}.${at >> 8 & 255}.${at & 255}.7`;
    if (!newcomers.take(address, now + at * 0.06)) refused++;
  }
  assert.equal(refused, 0);
});

test("createNewcomers() asks for more at most for as long as a bucket takes to fill, whatever the clock does", () => {
  const newcomers = createNewcomers();
  assert.equal(taken(newcomers, "192.0.2.1", 300, now + 86_400_000), 200);
  assert.equal(newcomers.take("192.0.2.1", now), false);
  assert.equal(newcomers.take("192.0.2.2", now), true);
  const rates = createNewcomers({ each: { burst: 7, perMinute: 7 }, unknown: { burst: 1, perMinute: 0.5 } });
  assert.equal(taken(rates, "192.0.2.1", 20), 7);
  assert.equal(taken(rates, undefined, 20), 1);
  assert.equal(taken(rates, undefined, 20, now + 120_000), 1);
});
