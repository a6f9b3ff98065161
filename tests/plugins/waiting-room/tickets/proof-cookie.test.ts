import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cookieNameOf,
  createSealer,
  firstPass,
  forgetProof,
  type Proof,
  proofCookie,
  surplusCookies,
} from "../../../../plugins/waiting-room/tickets/mod.ts";
import { key, now, pass, ticket } from "./_proofs.ts";

const sealer = createSealer([key]);
const https = { isEncrypted: true, domain: "" };
const http = { isEncrypted: false, domain: "" };
const shared = { isEncrypted: true, domain: "shop.example" };
const always = { opensAt: 0, closesAt: 0 };
const text = sealer.seal("tickets", ticket, "");
const day = 86_400;

test("proofCookie() keeps to this host and to encrypted connections where it can (W25)", () => {
  const table: [{ isEncrypted: boolean; domain: string }, string][] = [
    [https, `__Host-stanchion-tickets=${text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400`],
    [http, `stanchion-tickets=${text}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400`],
    [
      shared,
      `stanchion-tickets=${text}; Domain=shop.example; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400`,
    ],
  ];
  for (const [place, line] of table) {
    assert.equal(proofCookie("tickets", text, ticket, place, always, now), line);
    const forgotten = forgetProof("tickets", place);
    assert.ok(forgotten.startsWith(`${cookieNameOf("tickets", place)}=; `), forgotten);
    assert.match(forgotten, /; Max-Age=0$/);
    assert.equal(/Domain=[^;]+/.exec(forgotten)?.[0], /Domain=[^;]+/.exec(line)?.[0]);
    assert.equal(forgotten.includes("; Secure"), line.includes("; Secure"));
  }
});

test("proofCookie() keeps a ticket to the end of the line, and a pass to its own (W25)", () => {
  const claim = firstPass(ticket, now + 60_000, now);
  const table: [Proof, { opensAt: number; closesAt: number }, number][] = [
    [ticket, always, day],
    [ticket, { opensAt: now + 3 * day * 1000, closesAt: 0 }, 4 * day],
    [ticket, { opensAt: now - day * 1000, closesAt: 0 }, day],
    // The closing may be moved meanwhile, and the browser of somebody who waits far away is not told.
    [ticket, { opensAt: 0, closesAt: now + 7_200_000 }, day],
    [ticket, { opensAt: now + 3 * day * 1000, closesAt: now + 3 * day * 1000 + 7_200_000 }, 4 * day],
    [ticket, { opensAt: 0, closesAt: now + 3 * day * 1000 }, 3 * day],
    [ticket, { opensAt: 0, closesAt: now - 1 }, day],
    // A form may come a minute late.
    [pass, always, 960],
    [{ ...pass, until: now - 600_000 }, always, 1],
    // Whoever does not come keeps the number.
    [claim, always, day],
  ];
  for (const [proof, line, seconds] of table) {
    const cookie = proofCookie("tickets", text, proof, https, line, now);
    assert.equal(/Max-Age=(\d+)$/.exec(cookie)?.[1], String(seconds), JSON.stringify([proof, line]));
  }
});

test("surplusCookies() keeps the cookies of six rooms: tickets go first, older ones before younger ones (W25)", () => {
  const cookieOf = (room: string, proof: Proof) => `__Host-stanchion-${room}=${sealer.seal(room, proof, "")}`;
  const aged = (proof: Proof, ageMs: number): Proof => ({ ...proof, issuedAt: now - ageMs });
  const five = [
    cookieOf("p-old", aged(pass, 9000)),
    cookieOf("t-3", aged(ticket, 3000)),
    cookieOf("t-5", aged(ticket, 5000)),
    cookieOf("t-1", aged(ticket, 1000)),
    cookieOf("p", pass),
  ];
  const names = (lines: readonly string[]) => lines.map((line) => line.slice(0, line.indexOf("=")));
  assert.deepEqual(surplusCookies("new", "", https), []);
  assert.deepEqual(surplusCookies("new", "a=1; b=2", https), []);
  assert.deepEqual(surplusCookies("new", five.join("; "), https), []);
  const own = cookieOf("new", aged(ticket, 99_000));
  assert.deepEqual(surplusCookies("new", [own, ...five].join("; "), https), []);
  // What only looks like one of ours is not touched, nor counted.
  const odd = [
    "__Host-stanchion-grace=1.abc..f",
    "stanchion-x=1",
    `stanchion-y=${text}`,
    "__Host-stanchion-=1",
  ];
  assert.deepEqual(surplusCookies("new", [...odd, ...five].join("; "), https), []);
  const six = [cookieOf("t-7", aged(ticket, 7000)), ...five];
  assert.deepEqual(names(surplusCookies("new", six.join("; "), https)), ["__Host-stanchion-t-7"]);
  const [line = ""] = surplusCookies("new", six.join(";"), https);
  assert.equal(line, forgetProof("t-7", https));
  const eight = [...six, cookieOf("t-8", aged(ticket, 8000)), cookieOf("p-older", aged(pass, 99_000))];
  assert.deepEqual(names(surplusCookies("new", eight.join("; "), https)), [
    "__Host-stanchion-t-5",
    "__Host-stanchion-t-7",
    "__Host-stanchion-t-8",
  ]);
});

test("surplusCookies() forgets the cookie of the host that stands beside one of the domain", () => {
  const both = `stanchion-tickets=${text}; stanchion-tickets=${text}`;
  assert.deepEqual(surplusCookies("tickets", both, shared), [
    forgetProof("tickets", { ...shared, domain: "" }).replace(
      "__Host-",
      "",
    ),
  ]);
  assert.deepEqual(surplusCookies("tickets", `stanchion-tickets=${text}`, shared), []);
  assert.deepEqual(surplusCookies("tickets", both, http), []);
});

test("surplusCookies() bears whatever a visitor sends", () => {
  for (
    const cookies of ["stanchion-", ";;;=;stanchion-=", "\0stanchion-a=\ud800", "stanchion-a=".repeat(10_000)]
  ) {
    for (const place of [https, http, shared]) {
      assert.deepEqual(surplusCookies("tickets", cookies, place), []);
    }
  }
});
