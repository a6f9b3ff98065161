import assert from "node:assert/strict";
import { test } from "node:test";
import { isCanonical, requestUrl } from "../../../src/url/request-url.ts";

test("requestUrl() leaves a URL that reads the same everywhere, to the byte", () => {
  const hosts = [
    "a",
    "shop.example",
    "SHOP".toLowerCase(),
    "a_b-c.example",
    "1a.example",
    "localhost",
    "127.0.0.1",
    "1.2.3.4",
    "199.99.9.199",
    "shop.example:8080",
    "shop.example:1",
    "shop.example:59999",
    "1.2.3.4:3000",
  ];
  const tails = [
    "/",
    "/a",
    "/a/b/",
    "//a",
    "/a.b",
    "/a~!$&'()*+,;=:@%20|-_",
    "/a?",
    '/?q=%zz&a[]={}|\\^`"<>',
    "/a#b",
    "/a?b#c",
    "/a%2e",
    "/a..",
  ];
  for (const scheme of ["http", "https"]) {
    for (const host of hosts) {
      for (const tail of tails) {
        const url = `${scheme}://${host}${tail}`;
        assert.equal(requestUrl({ url }), url);
        // The same host and path as the platform's parser has.
        const parsed = new URL(url);
        const path = tail.split(/[?#]/, 1)[0];
        if (!tail.includes("|")) assert.equal(parsed.pathname, path, url);
        assert.equal(parsed.host, host);
      }
    }
  }
});

test("requestUrl() reads what is written otherwise as a parser does, but for the query", () => {
  const table: [url: string, read: string][] = [
    ["http://shop.example", "http://shop.example/"],
    ["HTTP://SHOP.example/A", "http://shop.example/A"],
    ["http://shop.example/é/../b?q=<a>", "http://shop.example/b?q=<a>"],
    ["http://shop.example./a", "http://shop.example/a"],
    ["http://shop.example.:8080/a", "http://shop.example:8080/a"],
    ["http://a.b.c./", "http://a.b.c/"],
    ["http://shop.example:80/a", "http://shop.example/a"],
    ["https://shop.example:443/a", "https://shop.example/a"],
    ["https://shop.example:80/a", "https://shop.example:80/a"],
    ["http://shop.example:443/a", "http://shop.example:443/a"],
    ["http://shop.example:080/a", "http://shop.example/a"],
    ["http://shop.example:65535/a", "http://shop.example:65535/a"],
    ["http://shop.example/a/../b", "http://shop.example/b"],
    ["http://shop.example/a/./b", "http://shop.example/a/b"],
    ["http://shop.example/a/%2e%2E/b", "http://shop.example/b"],
    ["http://shop.example/a/.%2e/b", "http://shop.example/b"],
    ["http://shop.example/.a", "http://shop.example/.a"],
    ["http://shop.example/a\\b", "http://shop.example/a/b"],
    ["http://shop.example/a\\..\\b", "http://shop.example/b"],
    ["http://shop.example/a b", "http://shop.example/a%20b"],
    ["http://shop.example/\u00e9", "http://shop.example/%C3%A9"],
    ["http://shop.example/a/../b?q='\"<>", "http://shop.example/b?q='\"<>"],
    ['http://shop.example/a/../b#x"y', 'http://shop.example/b#x"y'],
    ["http://shop.example/a/../b?q=\u00e9", "http://shop.example/b?q=%C3%A9"],
    ["http://shop.example/a/../b?q=1 2", "http://shop.example/b?q=1%202"],
    ["http://shop.example/a?q=\u00e9", "http://shop.example/a?q=%C3%A9"],
    ["http://1.2.3.256.example/", "http://1.2.3.256.example/"],
    ["http://1/", "http://0.0.0.1/"],
    ["http://1.2/", "http://1.0.0.2/"],
    ["http://0x7f.1/", "http://127.0.0.1/"],
    ["http://127.0.0.010/", "http://127.0.0.8/"],
    ["http://255.255.255.255/", "http://255.255.255.255/"],
    ["http://[::1]/a", "http://[::1]/a"],
    ["http://[0:0::1]:8080/a", "http://[::1]:8080/a"],
    ["http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"],
    ["http://b\u00fccher.example/", "http://xn--bcher-kva.example/"],
    ["http://a%2db.example/", "http://a-b.example/"],
  ];
  for (const [url, read] of table) assert.equal(requestUrl({ url }), read, url);
});

test("requestUrl() parses what only nearly reads the same everywhere", () => {
  const table: [url: string, read: string][] = [
    ["http://100.1.1.1/", "http://100.1.1.1/"],
    ["http://200.1.1.1/", "http://200.1.1.1/"],
    ["http://01.1.1.1/", "http://1.1.1.1/"],
    ["http://1.1.1.01/", "http://1.1.1.1/"],
    ["http://1.1.00.1/", "http://1.1.0.1/"],
    ["http://1.010.1.1/", "http://1.8.1.1/"],
    ["http://1.1.1/", "http://1.1.0.1/"],
    ["http://a.b.c:8080/a", "http://a.b.c:8080/a"],
    ["http://a.b.c:0/a", "http://a.b.c:0/a"],
    ["http://a.b.c:00080/a", "http://a.b.c/a"],
    ["http://a.b.c:60000/a", "http://a.b.c:60000/a"],
    ["https://a.b.c:0443/a", "https://a.b.c/a"],
    ["http://xn--bcher-kva.example/a", "http://xn--bcher-kva.example/a"],
    ["http://a.xn--bcher-kva/a", "http://a.xn--bcher-kva/a"],
    ["http://example.a-b_c/a", "http://example.a-b_c/a"],
    ["http://a/%2E/b", "http://a/b"],
    ["http://a/x/%2e%2e", "http://a/"],
    ["http://a/x/..", "http://a/"],
    ["http://a/..", "http://a/"],
    ["http://a/.", "http://a/"],
    ["http://a/x/..?b", "http://a/?b"],
    ["http://a/x/..#b", "http://a/#b"],
    ["http://a/x/../?#b?c", "http://a/?#b?c"],
    ["http://a/x/../b?", "http://a/b?"],
    ["http://a/x/../b#", "http://a/b#"],
    ["http://a/x/../b?c\\d", "http://a/b?c\\d"],
    ["http://a/x/../b?c\td", "http://a/b?cd"],
    ["http://a/x/../b?~!", "http://a/b?~!"],
    ["http://a/x\ty", "http://a/xy"],
    ["http://a/{}", "http://a/%7B%7D"],
    ['http://a/"', "http://a/%22"],
    ["http://a/^", new URL("http://a/^").href],
  ];
  for (const [url, read] of table) assert.equal(requestUrl({ url }), read, url);
});

test("isCanonical() tells a URL of one reading from one that somebody reads in another way", () => {
  const tails = ["/", "/a", "/a/b.c", "/..a", "/a?", "/a?b=/../c", '/?q=!"$&~', "/a~!$&'()*+,=:@-_"];
  const hosts = ["a", "a-b_c.d.e", "localhost", "127.0.0.1", "shop.example"];
  for (const scheme of ["http", "https"]) {
    for (const host of hosts) {
      for (const tail of tails) assert.equal(isCanonical(`${scheme}://${host}${tail}`), true, host + tail);
    }
  }
  const odd = [
    "",
    "/a/",
    "//",
    "/a//b",
    "/./a",
    "/../a",
    "/a/.",
    "/a/..",
    "/.?a",
    "/..#a",
    "/a;b",
    "/%61",
    "/a\\b",
    "/a b",
    "/a#",
    "/a?b#c",
    "/é",
    "/a?é",
    "/a?#",
  ];
  for (const tail of odd) assert.equal(isCanonical(`https://shop.example${tail}`), false, tail);
  const others = [
    "A",
    "a.",
    "a..b",
    "a:8080",
    "u@a",
    "xn--a",
    "b.xn--a",
    "1",
    "1.2",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.1.1.1",
    "1.1.1.08",
    "00.1.1.1",
    "[::1]",
    "1a",
    "a.1",
  ];
  for (const host of others) assert.equal(isCanonical(`https://${host}/a`), false, host);
  for (const url of ["ftp://a/b", "xhttp://a/b", "http:/a/b", "/a", ""]) {
    assert.equal(isCanonical(url), false, url);
  }
});

test("requestUrl() reads nothing where programs would not agree", () => {
  const table = [
    "",
    "/",
    "/tickets",
    "*",
    "tickets",
    "//shop.example/",
    "http:/shop.example/",
    "http:shop.example/",
    "http:///shop.example/",
    "ftp://shop.example/",
    "xhttp://shop.example/",
    " http://shop.example/",
    "http://shop.example?a=1",
    "http://shop.example#a",
    "http://shop.example\\a",
    "http://u@shop.example/",
    "http://u:p@shop.example/",
    "http://shop.example@evil.example/",
    "http://a b/",
    "http://a\tb/",
    "http://a\nb/",
    "http://[/",
    "http://[::1",
    "http://a:x/",
    "http://a:99999/",
    "http://a:65536/a b",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://:80/",
    "http://./",
    "http://.:8080/",
    "http://a.1./",
    "http://08.1.1.1/",
    "http://1.1.1.09/",
    "http://a /",
    "http://a\0/",
    "http://a?b/",
    "http://u@/",
    "http:// a/",
  ];
  for (const url of table) assert.equal(requestUrl({ url }), undefined, url);
});
