import assert from "node:assert/strict";
import { BlockList, isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { localRange, parseAddress, shortAddress, spell, trustOf } from "../../../src/url/ip-address.ts";

test("parseAddress() reads addresses up to the longest, in one spelling", () => {
  const zone = `%${"z".repeat(64)}`;
  const longest = "0000:0000:0000:0000:0000:0001:192.168.100.200";
  const table: [text: string, spelled: string | undefined][] = [
    ["0.0.0.0", "0.0.0.0"],
    ["255.249.199.99", "255.249.199.99"],
    ["250.200.100.10", "250.200.100.10"],
    ["256.0.0.1", undefined],
    ["260.0.0.1", undefined],
    ["300.0.0.1", undefined],
    ["1.2.3.00", undefined],
    ["1.2.3.01", undefined],
    ["1.2.3.4 ", undefined],
    [" 1.2.3.4", undefined],
    ["1x2.3.4", undefined],
    ["", undefined],
    [":", undefined],
    ["::", "::"],
    ["::1%eth0", "::1"],
    ["::1%a.b~c-d_e", "::1"],
    ["::1%", undefined],
    ["::1%a%b", undefined],
    ["::1x%a", undefined],
    ["x::1", undefined],
    ["::1\n", undefined],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::ffff:1", "::ffff:1"],
    ["::1.2.3.4", "::102:304"],
    ["::1.2.3.04", undefined],
    [longest + zone, "::1:c0a8:64c8"],
    [`${longest}%${"z".repeat(65)}`, undefined],
    [`::${"%z".repeat(60)}`, undefined],
  ];
  for (const [text, spelled] of table) {
    const address = parseAddress(text);
    assert.equal(address && spell(address), spelled, text);
  }
});

test("shortAddress() keeps the network of an address", () => {
  const table: [text: string, network: string | undefined][] = [
    ["203.0.113.7", "203.0.113.0/24"],
    ["::ffff:203.0.113.7", "203.0.113.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    ["2002:cb00:7107:1::1", "2002:cb00:7100::/40"],
    ["2003:cb00:7107:1::1", "2003:cb00:7107::/48"],
    ["unknown", undefined],
    ["", undefined],
  ];
  for (const [text, network] of table) assert.equal(shortAddress(text), network);
});

test("trustOf() trusts addresses, ranges and names of ranges, of one family each", () => {
  const table: [list: string[], trusted: string[], others: string[]][] = [
    [[], [], ["127.0.0.1"]],
    [["10.0.0.1"], ["10.0.0.1", "::ffff:10.0.0.1"], ["10.0.0.2", "::10.0.0.1"]],
    [["10.0.0.0/8"], ["10.255.0.1"], ["11.0.0.1", "a00::1"]],
    [["10.0.0.1/32"], ["10.0.0.1"], ["10.0.0.0"]],
    [["0.0.0.0/1"], ["127.0.0.1"], ["128.0.0.1", "::1"]],
    [["2001:db8::/32"], ["2001:db8:1::1"], ["2001:db9::1", "32.1.13.184"]],
    [["2001:db8::1/128"], ["2001:db8::1"], ["2001:db8::2"]],
    [["2001:db8::1"], ["2001:db8::1"], ["2001:db8::2"]],
    [["::ffff:10.0.0.0/104"], ["10.1.2.3"], ["11.0.0.1"]],
    [["::ffff:10.0.0.1/128"], ["10.0.0.1"], ["10.0.0.2"]],
    [["loopback"], ["127.0.0.1", "::1"], ["10.0.0.1"]],
    [["private"], ["10.0.0.1", "192.168.1.1", "172.16.0.1"], ["172.32.0.1", "fd00::1"]],
    [["uniqueLocal"], ["fd00::1"], ["10.0.0.1"]],
    [["linkLocal"], ["169.254.0.1", "fe80::1"], ["10.0.0.1"]],
    [["carrierGradeNat"], ["100.64.0.1"], ["100.128.0.1"]],
    [["loopback", "10.0.0.0/8", "private"], ["::1", "10.0.0.1", "192.168.0.1"], ["8.8.8.8"]],
  ];
  for (const [list, trusted, others] of table) {
    const trusts = trustOf("test plugin", "proxies", list);
    for (const [texts, expected] of [[trusted, true], [others, false]] as const) {
      for (const text of texts) {
        const address = parseAddress(text);
        assert.ok(address !== undefined);
        assert.equal(trusts(address), expected, `${list} ${text}`);
      }
    }
  }
});

test("localRange() names the range of what is no address of the internet", () => {
  const table: [text: string, range: string | undefined][] = [
    ["8.8.8.8", undefined],
    ["2a00:1450::1", undefined],
    ["2002:cb00:7107::1", undefined],
    ["10.1.2.3", "private"],
    ["::ffff:10.1.2.3", "private"],
    ["127.0.0.1", "loopback"],
    ["::1", "loopback"],
    ["::", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["255.255.255.255", "broadcast"],
    ["224.0.0.1", "multicast"],
    ["ff02::1", "multicast"],
    ["100.64.0.1", "carrierGradeNat"],
    ["fe80::1%eth0", "linkLocal"],
    ["fd00::1", "uniqueLocal"],
  ];
  for (const [text, range] of table) {
    const address = parseAddress(text);
    assert.ok(address !== undefined);
    assert.equal(localRange(address), range, text);
  }
});

test("trustOf() refuses what is no range, and says what is one", () => {
  const must =
    'a list of addresses, CIDRs such as "10.0.0.0/8", or names among loopback, linkLocal, private, ' +
    "uniqueLocal, carrierGradeNat";
  const length = "a list of CIDRs whose length fits their address";
  const all = "a list of proxies, not every address there is; a number counts them";
  const table: [text: string, must: string][] = [
    ["", must],
    ["unicast", must],
    ["Loopback", must],
    ["10.0.0", must],
    ["fe80::1%eth0", must],
    ["x/8", must],
    ["10.0.0.0/", length],
    ["10.0.0.0/08", length],
    ["10.0.0.0/8x", length],
    ["10.0.0.0/x8", length],
    ["10.0.0.0/-1", length],
    ["10.0.0.0/8/8", length],
    ["10.0.0.0/33", length],
    ["2001:db8::/129", length],
    ["2001:db8::/1280", length],
    ["::ffff:10.0.0.0/95", length],
    ["0.0.0.0/0", all],
    ["::/0", all],
    ["::ffff:0.0.0.0/96", all],
  ];
  for (const [text, must] of table) {
    assert.throws(() => trustOf("test plugin", "proxies", ["loopback", text]), {
      name: "RangeError",
      message: `Cannot create test plugin: "proxies" must be ${must}, received ${JSON.stringify(text)}`,
    });
  }
});

/** Texts of IPv6: whole ones, and such as somebody makes who tries what passes. */
const group = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("0", "0000", "1", "FfFf", "2001", "0db8", "a") },
  fc.constantFrom("", "12345", "g", "1.2.3.4", "0.0.0.256", "01.2.3.4", "1.2.3"),
);
const ipv6 = fc.tuple(
  // As often as not a beginning of zeros, so that short addresses and mapped ones are among them.
  fc.constantFrom("", "::", "::ffff:", "0:0:0:0:0:ffff:"),
  fc.array(group, { minLength: 1, maxLength: 10 }),
).map(([start, groups]) => start + groups.join(":")).filter((text) => text.includes(":"));

/** How the runtime's own parsers read and spell an address of IPv6. */
function spelledByUrl(text: string): string | undefined {
  return isIPv6(text) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : undefined;
}

/** IPv4-mapped addresses in the spelling of URLs. */
function unmapped(text: string): string {
  const [, high = "", low = ""] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(text) ?? [];
  if (high === "") return text;
  return [high, low].flatMap((each) => [parseInt(each, 16) >> 8, parseInt(each, 16) & 255]).join(".");
}

const skip = "Bun" in globalThis
  ? "Bun's URL takes some addresses that are none, and refuses some that are"
  : false;

test("parseAddress() and spell() agree with the runtime's own parsers about IPv6", { skip }, () => {
  let valid = 0;
  fc.assert(
    fc.property(ipv6, (text) => {
      const expected = spelledByUrl(text);
      const address = parseAddress(text);
      assert.equal(address && spell(address), expected === undefined ? undefined : unmapped(expected));
      if (address !== undefined) valid++;
    }),
    { numRuns: 20_000 },
  );
  assert.ok(valid > 1000, `${valid} valid ones`);
});

test("trustOf() agrees with the lists of node:net about what is in a range", () => {
  const near = fc.tuple(fc.constantFrom(32, 128), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })).chain(
    ([width, bits]) =>
      fc.record({ width: fc.constant(width), bits: fc.constant(bits >> BigInt(128 - width)) }),
  );
  let inside = 0;
  fc.assert(
    fc.property(near, fc.nat(), fc.nat(), ({ width, bits }, length, flipped) => {
      const counted = 1 + length % width;
      const other = bits ^ (1n << BigInt(flipped % width));
      const [base, address] = [textOf(bits, width), textOf(other, width)];
      const list = new BlockList();
      const family = width === 32 ? "ipv4" : "ipv6";
      list.addSubnet(base, counted, family);
      const parsed = parseAddress(address);
      const expected = list.check(address, family);
      assert.ok(parsed !== undefined);
      assert.equal(trustOf("test plugin", "proxies", [`${base}/${counted}`])(parsed), expected);
      if (expected) inside++;
    }),
  );
  assert.ok(inside > 0);
});

function textOf(bits: bigint, width: number): string {
  const hex = bits.toString(16).padStart(width / 4, "0");
  if (width === 128) return hex.replace(/.{4}(?=.)/g, "$&:");
  return (hex.match(/../g) ?? []).map((octet) => parseInt(octet, 16)).join(".");
}
