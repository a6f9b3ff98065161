import { strict as assert } from "node:assert";
import { isIP } from "node:net";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { createGate, type Plugin } from "../../mod.ts";
import { clientIp, type ClientIpOptions } from "../../plugins/client-ip.ts";
import { serve } from "../src/_serve.ts";
import { contextOf } from "../support/context-of.ts";

/** The address that the plugin finds; `warnings` takes what it says of those it does not. */
function addressOf(
  options: ClientIpOptions,
  headers: Readonly<Record<string, string>>,
  peer: string | undefined,
  warnings: string[] = [],
): string | undefined {
  const platform = peer === undefined ? [] : [{ remoteAddr: { hostname: peer } }];
  const plugin = clientIp({ warn: (message) => void warnings.push(message), ...options });
  return contextOf(new Request("https://shop.example/", { headers }), platform, Date.now, undefined, [plugin])
    .address;
}

const peer = "10.0.0.1";

describe("clientIp() without trusted proxies", () => {
  const headers = {
    "x-forwarded-for": "203.0.113.7",
    forwarded: "for=203.0.113.7",
    "cf-connecting-ip": "203.0.113.7",
  };
  const options: readonly ClientIpOptions[] = [
    {},
    { trustedProxies: 0 },
    { trustedProxies: [] },
    { trustedProxies: [], header: "forwarded" },
    { trustedProxies: 0, header: "cf-connecting-ip" },
  ];
  for (const each of options) {
    test(`clientIp(${JSON.stringify(each)}) takes the connection's address, whatever the headers say`, () => {
      assert.equal(addressOf(each, headers, "198.51.100.23"), "198.51.100.23");
      assert.equal(addressOf(each, headers, undefined), undefined);
    });
  }
});

describe("clientIp() with a number of proxies", () => {
  const cases: readonly [proxies: number, list: string | undefined, address: string | undefined][] = [
    [1, "203.0.113.7", "203.0.113.7"],
    [1, "6.6.6.6, 203.0.113.7", "203.0.113.7"],
    [1, "6.6.6.6,203.0.113.7", "203.0.113.7"],
    [2, "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
    [3, "203.0.113.7, 10.0.0.2", "203.0.113.7"],
    [9, "203.0.113.7", "203.0.113.7"],
    [1, undefined, peer],
    [1, "", peer],
    [1, "   ", peer],
    [1, "203.0.113.7, garbage", peer],
    [1, "203.0.113.7,", peer],
    [1, ",", peer],
    [1, "unknown", peer],
    [2, "203.0.113.7, garbage", peer],
    [2, "garbage, 10.0.0.2", "10.0.0.2"],
    [3, "203.0.113.7, garbage, 10.0.0.2", "10.0.0.2"],
    [2, ", 10.0.0.2", "10.0.0.2"],
    [1, "203.0.113.7:51234", "203.0.113.7"],
  ];
  for (const [proxies, list, address] of cases) {
    test(`clientIp() finds ${address} behind ${proxies} in ${JSON.stringify(list)}`, () => {
      assert.equal(
        addressOf({ trustedProxies: proxies }, list === undefined ? {} : { "x-forwarded-for": list }, peer),
        address,
      );
    });
  }

  test("clientIp() counts the connection even where the platform does not tell its address", () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 203.0.113.7" };
    assert.equal(addressOf({ trustedProxies: 1 }, headers, undefined), "203.0.113.7");
    assert.equal(addressOf({ trustedProxies: 1 }, headers, ""), "203.0.113.7");
    assert.equal(addressOf({ trustedProxies: 1 }, { "x-forwarded-for": "x" }, undefined), undefined);
    assert.equal(
      addressOf({ trustedProxies: 2 }, { "x-forwarded-for": "x, 203.0.113.7" }, undefined),
      "203.0.113.7",
    );
  });

  test("clientIp() ends at a connection whose address makes no sense", () => {
    assert.equal(
      addressOf({ trustedProxies: 1 }, { "x-forwarded-for": "203.0.113.7" }, "/run/proxy.sock"),
      undefined,
    );
  });
});

describe("clientIp() with a list of proxies", () => {
  const cases: readonly [
    trusted: readonly string[],
    list: string,
    peer: string | undefined,
    address: string | undefined,
  ][] = [
    [["10.0.0.0/8"], "6.6.6.6, 203.0.113.7, 10.9.9.9", peer, "203.0.113.7"],
    [["10.0.0.1"], "6.6.6.6, 203.0.113.7", peer, "203.0.113.7"],
    [["10.0.0.2"], "203.0.113.7", peer, peer],
    [["10.0.0.0/8"], "203.0.113.7", "192.0.2.1", "192.0.2.1"],
    [["10.0.0.0/8"], "10.0.0.3, 10.0.0.2", peer, "10.0.0.3"],
    [["10.0.0.0/8"], "203.0.113.7, garbage, 10.0.0.2", peer, "10.0.0.2"],
    [["10.0.0.0/8"], "garbage", peer, peer],
    [["10.0.0.0/8"], "203.0.113.7", undefined, undefined],
    [["private"], "203.0.113.7, 192.168.0.9, 172.16.3.4", peer, "203.0.113.7"],
    [["private"], "203.0.113.7, fd00::9", peer, "fd00::9"],
    [["private", "uniqueLocal"], "203.0.113.7, fd00::9", peer, "203.0.113.7"],
    [["loopback"], "203.0.113.7", "127.0.0.1", "203.0.113.7"],
    [["loopback"], "203.0.113.7", "::1", "203.0.113.7"],
    [["loopback"], "203.0.113.7", "::ffff:127.0.0.1", "203.0.113.7"],
    [["linkLocal"], "203.0.113.7", "fe80::1%eth0", "203.0.113.7"],
    [["carrierGradeNat"], "203.0.113.7", "100.64.0.1", "203.0.113.7"],
    [["2001:db8::/32"], "203.0.113.7", "2001:db8:1::1", "203.0.113.7"],
    [["2001:db8::/32"], "203.0.113.7", "2001:db9::1", "2001:db9::1"],
    [["::ffff:10.0.0.0/104"], "203.0.113.7", peer, "203.0.113.7"],
    [["10.0.0.0/8"], "203.0.113.7", "::ffff:10.0.0.1", "203.0.113.7"],
    [["10.1.2.3/8"], "203.0.113.7", peer, "203.0.113.7"],
    [["fd00::/8"], "203.0.113.7", peer, peer],
  ];
  for (const [trusted, list, from, address] of cases) {
    test(`clientIp() trusting ${trusted} finds ${address} in ${JSON.stringify(list)} from ${from}`, () => {
      assert.equal(addressOf({ trustedProxies: trusted }, { "x-forwarded-for": list }, from), address);
    });
  }
});

describe("clientIp() spells addresses in one form", () => {
  const cases: readonly [written: string, address: string | undefined][] = [
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7 ", "203.0.113.7"],
    ["203.0.113.7:80", "203.0.113.7"],
    ["2001:DB8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:3:4:5:6:7:8", "2001:0:3:4:5:6:7:8"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:80", "203.0.113.7"],
    ["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:80", "fe80::1"],
    ["0.0.0.0", "0.0.0.0"],
    ["010.0.0.1", undefined],
    ["0x7f.0.0.1", undefined],
    ["127.1", undefined],
    ["2130706433", undefined],
    ["1.2.3", undefined],
    ["1.2.3.4.5", undefined],
    ["1.2.3.256", undefined],
    ["1.2.3.-4", undefined],
    ["1.2.3.4:", undefined],
    ["1.2.3.4:http", undefined],
    ["1.2.3.4:123456", undefined],
    ["1.2.3.4%eth0", undefined],
    ["1.2.3.4/8", undefined],
    ["[1.2.3.4]", undefined],
    ["[1.2.3.4]:80", undefined],
    ["[2001:db8::1", undefined],
    ["2001:db8::1]", undefined],
    ["[2001:db8::1]80", undefined],
    ["[2001:db8::1]:", undefined],
    ["[2001:db8::1]x:80", undefined],
    ["[2001:db8::1]:80x", undefined],
    ["[2001:db8::1]:123456", undefined],
    ["[2001:db8::1]:_x", undefined],
    ["[2001:db8::1]:12345", "2001:db8::1"],
    ["x[2001:db8::1]", undefined],
    ["1.2.3.4:12345", "1.2.3.4"],
    ["1.2.3.4:x80", undefined],
    ["1.2.3.4:80x", undefined],
    [":80", undefined],
    ["[]", undefined],
    ["2001:db8::1::2", undefined],
    ["2001:db8", undefined],
    ["12345::", undefined],
    ["::ffff:01.2.3.4", undefined],
    ["::ffff:1.2.3", undefined],
    ["fe80::1%", undefined],
    ["fe80::1%eth 0", undefined],
    [`fe80::1%${"x".repeat(65)}`, undefined],
    ['"203.0.113.7"', undefined],
    ["localhost", undefined],
    ["unknown", undefined],
    ["_hidden", undefined],
    ["for=203.0.113.7", undefined],
    ["１.2.3.4", undefined],
    ["\u0661.2.3.4", undefined],
  ];
  for (const [written, address] of cases) {
    test(`clientIp() reads ${JSON.stringify(written)} as ${address}`, () => {
      // A header carries bytes: letters beyond Latin-1 come as several.
      const sent = [...new TextEncoder().encode(written)].map((byte) => String.fromCharCode(byte)).join("");
      const found = address ?? peer;
      assert.equal(addressOf({ trustedProxies: 1 }, { "x-forwarded-for": sent }, peer), found);
      assert.equal(addressOf({ trustedProxies: 1, header: "X-Real-IP" }, { "x-real-ip": sent }, peer), found);
    });
  }

  test("clientIp() reads entries of 511 characters, and takes longer ones for garbage", () => {
    for (const [length, address] of [[511, "203.0.113.7"], [512, peer]] as const) {
      const element = "for=203.0.113.7;x=".padEnd(length, "x");
      for (const before of ["", "for=6.6.6.6,"]) {
        const headers = { forwarded: before + element };
        assert.equal(addressOf({ trustedProxies: 1, header: "forwarded" }, headers, peer), address, before);
      }
    }
  });

  test("clientIp() reads the connection's address the same way", () => {
    assert.equal(addressOf({}, {}, "::FFFF:203.0.113.7"), "203.0.113.7");
    assert.equal(addressOf({}, {}, "2001:DB8:0::1"), "2001:db8::1");
    assert.equal(addressOf({}, {}, "0300.0.113.7"), undefined);
  });
});

describe("clientIp() reading Forwarded", () => {
  const cases: readonly [element: string, address: string | undefined][] = [
    ["for=203.0.113.7", "203.0.113.7"],
    ["For=203.0.113.7", "203.0.113.7"],
    ["for=203.0.113.7;proto=https;by=10.0.0.1;host=shop.example", "203.0.113.7"],
    ["proto=https;for=203.0.113.7", "203.0.113.7"],
    ["proto=https ; for=203.0.113.7", "203.0.113.7"],
    [";;for=203.0.113.7;", "203.0.113.7"],
    ['for="203.0.113.7"', "203.0.113.7"],
    ['for="203.0.113.7:4711"', "203.0.113.7"],
    ['for="203.0.113.7:_port"', "203.0.113.7"],
    ['for="[2001:db8::1]"', "2001:db8::1"],
    ['for="[2001:DB8::1]:4711"', "2001:db8::1"],
    ['for="[2001:db8::1]:_x.y-z"', "2001:db8::1"],
    ['for="[::ffff:203.0.113.7]"', "203.0.113.7"],
    ['for="\\203.0.113.7"', "203.0.113.7"],
    ['for=203.0.113.7;by="a,b;c=\\"d\\""', "203.0.113.7"],
    ['host="x, for=6.6.6.6";for=203.0.113.7', "203.0.113.7"],
    ['for=203.0.113.7;by="a\\", b"', "203.0.113.7"],
    ['host="\\\\";for=203.0.113.7', "203.0.113.7"],
    ['for="203.0.113.7:_a.b-c"', "203.0.113.7"],
    ['for="[2001:db8::1]:12345"', "2001:db8::1"],
    ['for="203.0.113.7:12345"', "203.0.113.7"],
    ["\tfor=203.0.113.7\t", "203.0.113.7"],
    ["proto=https\t;\tfor=203.0.113.7", "203.0.113.7"],
    ["!#$%&'*+.^`|~-_a=!#$%&'*+.^`|~-_b;for=203.0.113.7", "203.0.113.7"],
    ['for="203.0.113.7:123456"', undefined],
    ['for="203.0.113.7:_"', undefined],
    ['for="203.0.113.7:x"', undefined],
    ['for="203.0.113.7:_x:80"', undefined],
    ['for="203.0.113.7:80x"', undefined],
    ['for="x203.0.113.7"', undefined],
    ['for="203.0.113.7x"', undefined],
    ['for="[2001:db8::1]:123456"', undefined],
    ['for="[2001:db8::1]:_"', undefined],
    ['for="[2001:db8::1]:80x"', undefined],
    ['for="[2001:db8::1]x:80"', undefined],
    ['for="x[2001:db8::1]"', undefined],
    ['for=unknown;for="203.0.113.7"', undefined],
    ["for=203.0.113.7 x", undefined],
    ["x for=203.0.113.7", undefined],
    ["for=203.0.113.7 proto=https", undefined],
    ["f(r=203.0.113.7", undefined],
    ["for=203.0.113.7;x=(", undefined],
    ["for=unknown", undefined],
    ["for=_hidden", undefined],
    ['for="_hidden:80"', undefined],
    ["proto=https", undefined],
    ["203.0.113.7", undefined],
    ["for=", undefined],
    ['for=""', undefined],
    ["for", undefined],
    ["for =203.0.113.7", undefined],
    ["for= 203.0.113.7", undefined],
    ["for=203.0.113.7:4711", undefined],
    ["for=2001:db8::1", undefined],
    ["for=[2001:db8::1]", undefined],
    ['for="2001:db8::1"', undefined],
    ['for="[203.0.113.7]"', undefined],
    ['for="203.0.113.7', undefined],
    ['for=203.0.113.7"', undefined],
    ['for="203.0.113.7"x', undefined],
    ['for="203.0.113.7\\"', undefined],
    ['for="203.0.113.7:"', undefined],
    ["for=203.0.113.7;for=203.0.113.7", undefined],
    ["for=203.0.113.7;FOR=6.6.6.6", undefined],
    ["for=203.0.113.7;proto", undefined],
    [`for=203.0.113.7;host=${"x".repeat(600)}`, undefined],
  ];
  for (const [element, address] of cases) {
    test(`clientIp() reads ${JSON.stringify(element.slice(0, 60))} as ${address}`, () => {
      const options: ClientIpOptions = { trustedProxies: 1, header: "Forwarded" };
      assert.equal(addressOf(options, { forwarded: element }, peer), address ?? peer);
      assert.equal(addressOf(options, { forwarded: `for=6.6.6.6, ${element}` }, peer), address ?? peer);
      const list: ClientIpOptions = { trustedProxies: ["10.0.0.0/8"], header: "forwarded" };
      assert.equal(
        addressOf(list, { forwarded: `for=6.6.6.6, ${element}, for="[::ffff:10.0.0.9]:80"` }, peer),
        address ?? "10.0.0.9",
      );
    });
  }

  const openings = ['for="', 'for="x\\', '"', "\\", 'for="a"b"', 'a="\\"', ',",', '"""'];
  for (const opening of openings) {
    test(`clientIp() is not misled by ${JSON.stringify(opening)} at the visitor's end`, () => {
      const options: ClientIpOptions = { trustedProxies: 1, header: "forwarded" };
      for (const written of ["for=203.0.113.7", 'for="203.0.113.7:80";by="x,y"']) {
        assert.equal(addressOf(options, { forwarded: `${opening}, ${written}` }, peer), "203.0.113.7");
      }
    });
  }
});

describe("clientIp() reading a header of one address", () => {
  const header = "cf-connecting-ip";
  const cases: readonly [
    trusted: number | string[],
    value: string,
    from: string | undefined,
    address: string | undefined,
  ][] = [
    [1, "203.0.113.7", peer, "203.0.113.7"],
    [3, "203.0.113.7", peer, "203.0.113.7"],
    [1, "203.0.113.7", undefined, "203.0.113.7"],
    [["private"], "203.0.113.7", peer, "203.0.113.7"],
    [["private"], "203.0.113.7", "192.0.2.1", "192.0.2.1"],
    [["private"], "203.0.113.7", undefined, undefined],
    [["private"], "10.0.0.7", peer, "10.0.0.7"],
    [1, "203.0.113.7, 6.6.6.6", peer, peer],
    [1, "", peer, peer],
    [1, "203.0.113.7:46532", peer, "203.0.113.7"],
    [1, "2001:db8:1:2:3:4:5:6:46532", peer, "2001:db8:1:2:3:4:5:6"],
    [1, "2001:db8:1:2:3:4:5:6:80", peer, "2001:db8:1:2:3:4:5:6"],
    [1, "2001:DB8::1:46532", peer, "2001:db8::1"],
    [1, "::1:46532", peer, "::1"],
    [1, "2001:db8:::80", peer, "2001:db8::"],
    [1, "::ffff:203.0.113.7:46532", peer, "203.0.113.7"],
    [1, "64:ff9b::203.0.113.7:80", peer, "64:ff9b::cb00:7107"],
    [1, "[2001:db8::1]:46532", peer, "2001:db8::1"],
    [["private"], "2001:db8::1:46532", peer, "2001:db8::1"],
    [["private"], "2001:db8::1:46532", "192.0.2.1", "192.0.2.1"],
    // It may be an address as a whole, and so it is one.
    [1, "2001:db8::1:8080", peer, "2001:db8::1:8080"],
    [1, "2001:db8:1:2:3:4:5:46532", peer, peer],
    [1, "2001:db8:1:2:3:4:5:6:123456", peer, peer],
    [1, "2001:db8:1:2:3:4:5:6:", peer, peer],
    [1, "2001:db8:1:2:3:4:5:6:-1", peer, peer],
    [1, "2001:db8:1:2:3:4:5:6:7:46532", peer, peer],
    [1, "2001:db8::1:2::46532", peer, peer],
    [1, "[2001:db8::1:46532", peer, peer],
    [1, "2001:db8::1]:46532", peer, peer],
  ];
  for (const [trusted, value, from, address] of cases) {
    test(`clientIp() trusting ${trusted} finds ${address} in ${JSON.stringify(value)} from ${from}`, () => {
      assert.equal(addressOf({ trustedProxies: trusted, header }, { [header]: value }, from), address);
      assert.equal(
        addressOf({ trustedProxies: trusted, header }, { "x-forwarded-for": "6.6.6.6" }, from),
        addressOf({}, {}, from),
      );
    });
  }

  test("clientIp() takes the last number of CloudFront-Viewer-Address for the port that it always has", () => {
    const header = "CloudFront-Viewer-Address";
    const table: readonly [value: string, address: string][] = [
      ["198.51.100.10:46532", "198.51.100.10"],
      ["2001:db8:1:2:3:4:5:6:46532", "2001:db8:1:2:3:4:5:6"],
      ["2001:db8::1:46532", "2001:db8::1"],
      ["2001:db8::1:8080", "2001:db8::1"],
      ["2001:db8::1:80", "2001:db8::1"],
      ["2001:db8:::46532", "2001:db8::"],
      ["::1:1024", "::1"],
      ["[2001:db8::1]:8080", "2001:db8::1"],
      // Whatever it is then, it is no shorter address.
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"],
      ["198.51.100.10", "198.51.100.10"],
      ["garbage:46532", peer],
      ["46532", peer],
      [":46532", peer],
      ["::46532", peer],
    ];
    for (const [value, address] of table) {
      const headers = { "cloudfront-viewer-address": value };
      assert.equal(addressOf({ trustedProxies: 1, header }, headers, peer), address, value);
    }
  });

  test("clientIp() reads no port behind an IPv6 address without brackets in a list", () => {
    for (const value of ["2001:db8::1:46532", "2001:db8:1:2:3:4:5:6:80"]) {
      assert.equal(addressOf({ trustedProxies: 1 }, { "x-forwarded-for": value }, peer), peer);
      const forwarded = `for="${value}"`;
      assert.equal(addressOf({ trustedProxies: 1, header: "forwarded" }, { forwarded }, peer), peer);
    }
  });

  test("clientIp() takes no address from a header that was sent twice", () => {
    const headers = new Headers([[header, "6.6.6.6"], [header, "203.0.113.7"]]);
    const platform = [{ remoteAddr: { hostname: peer } }];
    const plugins = [clientIp({ trustedProxies: 1, header })];
    const ctx = contextOf(
      new Request("https://shop.example/", { headers }),
      platform,
      Date.now,
      undefined,
      plugins,
    );
    assert.equal(ctx.address, peer);
  });
});

describe("clientIp() where no address is known", () => {
  test("clientIp() warns once, and not while the gate explains", () => {
    const warnings: string[] = [];
    const plugin = clientIp({ warn: (message) => void warnings.push(message) });
    function ask(notes?: string[]): string | undefined {
      return contextOf(new Request("https://shop.example/"), [], Date.now, notes, [plugin]).address;
    }
    const notes: string[] = [];
    assert.equal(ask(notes), undefined);
    assert.deepEqual(notes, ["no address of the visitor is known"]);
    assert.deepEqual(warnings, []);
    assert.equal(ask(), undefined);
    assert.equal(ask(), undefined);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^Plugin client-ip: .*"trustedProxies"/);
  });

  test("clientIp() warns on the console where no other listener is given", () => {
    const said: unknown[] = [];
    const { warn } = console;
    console.warn = (message) => void said.push(message);
    try {
      contextOf(new Request("https://shop.example/"), [], Date.now, undefined, [clientIp()]).address;
    } finally {
      console.warn = warn;
    }
    assert.match(String(said), /^Plugin client-ip: the address of a visitor is not known/);
  });

  for (
    const [how, fail] of [
      ["throws", () => {
        throw new Error("of the owner");
      }],
      ["fails later", () => Promise.reject(new Error("of the owner"))],
    ] as const
  ) {
    test(`clientIp() lets no request fail by a listener that ${how}`, async () => {
      const plugin = clientIp({ warn: fail });
      const request = new Request("https://shop.example/");
      assert.equal(contextOf(request, [], Date.now, undefined, [plugin]).address, undefined);
      // The runner fails a test on an unhandled rejection.
      await new Promise((resolve) => setTimeout(resolve));
    });
  }

  test("clientIp() does not warn where an address is known, or where nobody asks", () => {
    const warnings: string[] = [];
    addressOf({}, {}, peer, warnings);
    const plugins = [clientIp({ warn: (message) => void warnings.push(message) })];
    contextOf(new Request("https://shop.example/"), [], Date.now, undefined, plugins);
    assert.deepEqual(warnings, []);
  });
});

describe("clientIp() in a gate", () => {
  const asking: Plugin = {
    name: "asking",
    decide: (ctx) => ({
      action: "respond",
      reason: "asking/told",
      response: new Response(String(ctx.address)),
    }),
    recover: () => undefined,
  };

  test("createGate() computes the address only when a plugin asks for it", async () => {
    let reads = 0;
    const info = {
      get remoteAddr() {
        reads++;
        return { hostname: "203.0.113.7" };
      },
    };
    const admitting: Plugin = { ...asking, decide: () => ({ action: "admit", reason: "asking/all" }) };
    const silent = createGate({ plugins: [clientIp(), admitting] })
      .wrap((_request: Request, _info: unknown) => "page");
    assert.equal(await silent(new Request("https://shop.example/"), info), "page");
    assert.equal(reads, 0);
    const handler = createGate({ plugins: [clientIp(), asking] }).wrap((_request: Request, _info: unknown) =>
      "page"
    );
    const response = await handler(new Request("https://shop.example/"), info);
    assert.ok(response instanceof Response);
    assert.equal(await response.text(), "203.0.113.7");
  });

  test("clientIp() finds the address behind a proxy on the platform's own server", async () => {
    const gate = createGate({ plugins: [clientIp({ trustedProxies: ["loopback"] }), asking] });
    const server = await serve(
      gate.wrap((_request: Request, ..._platform: unknown[]) => new Response("page")),
    );
    try {
      const direct = await fetch(server.url);
      assert.equal(await direct.text(), "127.0.0.1");
      const proxied = await fetch(server.url, { headers: { "x-forwarded-for": "6.6.6.6, 203.0.113.7:99" } });
      assert.equal(await proxied.text(), "203.0.113.7");
    } finally {
      await server.close();
    }
  });
});

describe("clientIp() with hostile input", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ",",
      '"',
      "\\",
      ";",
      "for=",
      "=",
      "[",
      "]",
      ":",
      "%",
      "203.0.113.7",
      "::1",
      "_x",
      "unknown",
      " ",
    ),
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
  );
  const value = fc.array(piece, { maxLength: 12 }).map((pieces) =>
    pieces.join("").replace(/[^\x20-\x7e]/g, "").trim()
  );
  const names = ["x-forwarded-for", "forwarded", "x-real-ip"];

  test("clientIp() never throws, and gives nothing that is no address in its one form", () => {
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(...names),
        fc.oneof(fc.constant(peer), value),
        (value, header, from) => {
          for (const trustedProxies of [1, 2, 50, ["private", "203.0.113.0/24"]]) {
            const address = addressOf({ trustedProxies, header }, { [header]: value }, from);
            if (from === peer) assert.notEqual(address, undefined);
            if (address === undefined) continue;
            assert.notEqual(isIP(address), 0, address);
            assert.equal(addressOf({}, {}, address), address);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("clientIp() is not moved by anything left of what the trusted proxy wrote", () => {
    fc.assert(
      fc.property(value, fc.oneof(fc.ipV4(), fc.ipV6()), (left, visitor) => {
        const seen = addressOf({}, {}, visitor);
        assert.equal(
          addressOf({ trustedProxies: 1 }, { "x-forwarded-for": `${left}, ${visitor}` }, peer),
          seen,
        );
        const node = visitor.includes(":") ? `"[${visitor}]:1"` : visitor;
        const forwarded = `${left}, for=${node};by="x, y"`;
        assert.equal(addressOf({ trustedProxies: 1, header: "forwarded" }, { forwarded }, peer), seen);
      }),
      { numRuns: 1000 },
    );
  });

  test("clientIp() looks at no more than a hundred entries of a giant header", () => {
    const list = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join(", ");
    assert.equal(addressOf({ trustedProxies: ["private"] }, { "x-forwarded-for": list }, peer), "10.0.19.36");
    const forwarded = list.replaceAll("10.", "for=10.");
    assert.equal(
      addressOf({ trustedProxies: ["private"], header: "forwarded" }, { forwarded }, peer),
      "10.0.19.36",
    );
    for (const filler of [",", '"', '\\"', "a", "=", ";", "for=", "[", ":"]) {
      for (const header of names) {
        const value = `${filler.repeat(100_000 / filler.length)}x`;
        assert.equal(addressOf({ trustedProxies: ["private"], header }, { [header]: value }, peer), peer);
      }
    }
  });
});

describe("clientIp() with wrong options", () => {
  const must = '"trustedProxies" must be a non-negative integer or a list of CIDRs, received';
  const cases: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    ["loopback", TypeError, 'options must be an object, received "loopback"'],
    [
      { trustProxy: 1 },
      TypeError,
      'unknown option "trustProxy", the options are trustedProxies, header, forwardedHost, warn',
    ],
    [{ trustedProxies: -1 }, RangeError, `${must} -1`],
    [{ trustedProxies: 1.5 }, RangeError, `${must} 1.5`],
    [{ trustedProxies: Number.NaN }, RangeError, `${must} NaN`],
    [
      { trustedProxies: 1000 },
      RangeError,
      '"trustedProxies" must be an integer from 0 to 100, received 1000',
    ],
    [{ trustedProxies: true }, TypeError, `${must} true`],
    [{ trustedProxies: "loopback" }, TypeError, `${must} "loopback"`],
    [{ trustedProxies: [7] }, TypeError, `${must} 7`],
    [
      { trustedProxies: ["proxy.example"] },
      RangeError,
      'or names among loopback, linkLocal, private, uniqueLocal, carrierGradeNat, received "proxy.example"',
    ],
    [{ trustedProxies: ["unicast"] }, RangeError, '"trustedProxies" must be a list of addresses, CIDRs'],
    [{ trustedProxies: ["unicast"] }, RangeError, 'received "unicast"'],
    [{ trustedProxies: ["010.0.0.1"] }, RangeError, 'received "010.0.0.1"'],
    [
      { trustedProxies: ["10.0.0.0/33"] },
      RangeError,
      'CIDRs whose length fits their address, received "10.0.0.0/33"',
    ],
    [{ trustedProxies: ["10.0.0.0/"] }, RangeError, 'received "10.0.0.0/"'],
    [{ trustedProxies: ["10.0.0.0/08"] }, RangeError, 'received "10.0.0.0/08"'],
    [{ trustedProxies: ["10.0.0.0/255.0.0.0"] }, RangeError, 'received "10.0.0.0/255.0.0.0"'],
    [{ trustedProxies: ["::ffff:10.0.0.0/8"] }, RangeError, 'received "::ffff:10.0.0.0/8"'],
    [{ trustedProxies: ["fe80::1%eth0"] }, RangeError, 'received "fe80::1%eth0"'],
    [
      { trustedProxies: ["0.0.0.0/0"] },
      RangeError,
      'not every address there is; a number counts them, received "0.0.0.0/0"',
    ],
    [{ trustedProxies: ["::/0"] }, RangeError, 'received "::/0"'],
    [{ header: "cf-connecting-ip" }, TypeError, '"header" must be given together with "trustedProxies"'],
    [{ trustedProxies: 1, header: "x forwarded" }, RangeError, '"header" must be the name of a header'],
    [{ trustedProxies: 1, header: "" }, RangeError, 'received ""'],
    [{ trustedProxies: 1, header: ["forwarded"] }, TypeError, '"header" must be the name of a header'],
    [{ trustedProxies: 1, header: ["forwarded"] }, TypeError, 'received ["forwarded"]'],
    [
      { trustedProxies: 1, forwardedHost: "yes" },
      TypeError,
      '"forwardedHost" must be true or false, received "yes"',
    ],
    [{ warn: true }, TypeError, '"warn" must be a function, received true'],
  ];
  for (const [options, error, message] of cases) {
    test(`clientIp() refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => clientIp(options as ClientIpOptions), (thrown: unknown) => {
        assert.ok(thrown instanceof error);
        assert.ok(thrown.message.startsWith("Cannot create client-ip plugin: "));
        assert.ok(thrown.message.includes(message), thrown.message);
        return true;
      });
    });
  }
});
