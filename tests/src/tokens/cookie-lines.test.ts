import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieDefaults } from "../../../src/cookie-options.ts";
import { createCookieLines } from "../../../src/tokens/cookie-lines.ts";

const usual = "Path=/; Secure; HttpOnly; SameSite=Lax";

test("createCookieLines() writes a token with the attributes that it has each time", () => {
  const lines = createCookieLines(cookieDefaults);
  const noon = Date.UTC(2030, 0, 15, 12);
  const table: [options: Parameters<typeof lines.write>[2], line: string][] = [
    [{}, `a=1%202; ${usual}`],
    [{ secure: false }, "a=1%202; Path=/; HttpOnly; SameSite=Lax"],
    [{ httpOnly: false }, "a=1%202; Path=/; Secure; SameSite=Lax"],
    [{ sameSite: "None" }, "a=1%202; Path=/; Secure; HttpOnly; SameSite=None"],
    [{ domain: "shop.example" }, `a=1%202; Domain=shop.example; ${usual}`],
    [{ maxAgeSeconds: 60 }, `a=1%202; ${usual}; Max-Age=60`],
    [{ expiresAtMs: noon }, `a=1%202; ${usual}; Expires=Tue, 15 Jan 2030 12:00:00 GMT`],
    [{ expiresAtMs: noon + 999 }, `a=1%202; ${usual}; Expires=Tue, 15 Jan 2030 12:00:00 GMT`],
    [{ expiresAtMs: noon + 1000 }, `a=1%202; ${usual}; Expires=Tue, 15 Jan 2030 12:00:01 GMT`],
    [{}, `a=1%202; ${usual}`],
  ];
  // Twice: what is remembered of a name must not be taken for other attributes.
  for (const [options, line] of [...table, ...table]) assert.equal(lines.write("a", "1 2", options), line);
});

test("createCookieLines() forgets a cookie in the scope that is configured, and in that of the host alone", () => {
  const over = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0";
  const host = createCookieLines(cookieDefaults);
  assert.deepEqual(host.forget("a", {}), [["set-cookie", `a=; ${usual}; ${over}`]]);
  assert.deepEqual(host.forgetAll("a", {}), [["set-cookie", `a=; ${usual}; ${over}`]]);
  const wide = createCookieLines({ ...cookieDefaults, domain: "shop.example" });
  assert.deepEqual(wide.forget("a", {}), [["set-cookie", `a=; Domain=shop.example; ${usual}; ${over}`]]);
  assert.deepEqual(wide.forgetAll("a", {}), [
    ["set-cookie", `a=; Domain=shop.example; ${usual}; ${over}`],
    ["set-cookie", `a=; ${usual}; ${over}`],
  ]);
});

test("createCookieLines() heeds options of which a provider writes the next ones into the same object", () => {
  const lines = createCookieLines(cookieDefaults);
  const options = { domain: "one.example" };
  lines.write("a", "1", options);
  options.domain = "other.example";
  assert.equal(lines.write("a", "1", options), `a=1; Domain=other.example; ${usual}`);
  assert.match(lines.forget("a", options)[0]?.[1] ?? "", /Domain=other\.example/);
});

test("createCookieLines() puts the attributes of a name together once, and remembers 256 names at most", () => {
  let read = 0;
  const counting = {
    ...cookieDefaults,
    get path() {
      read++;
      return "/";
    },
  };
  const lines = createCookieLines(counting);
  for (let round = 0; round < 2; round++) {
    for (let name = 0; name < 256; name++) {
      lines.write(`n${name}`, "1", round === 0 ? {} : { secure: undefined });
    }
  }
  assert.equal(read, 256);
  lines.write("another", "1", {});
  read = 0;
  lines.write("n5", "1", {});
  assert.equal(read, 1, "it was forgotten");
});
