import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commitmentOf, createDraw, type LotteryFacts } from "../../../../plugins/waiting-room/lottery/mod.ts";
import { renderLottery } from "../../../../plugins/waiting-room/page/lottery-page.ts";
import { lotteryScript } from "../../../../plugins/waiting-room/page/lottery-script.ts";
import { createPages, type PageSetup } from "../../../../plugins/waiting-room/page/pages.ts";
import { englishLottery } from "../../../../plugins/waiting-room/page/lottery-texts.ts";

const secret = "a secret of at least thirty-two bytes";
const facts: LotteryFacts = {
  form: 1,
  room: "tickets",
  epoch: 1,
  opensAt: "2027-03-01T09:00:00.000Z",
  closesAt: "2027-03-01T08:59:00.000Z",
  commitment: commitmentOf(secret),
  registered: 20,
  drawnBy: "beacon",
  beacon: "6c3f",
  secret,
};

const written = (number: number) => number.toLocaleString("en");

/** Runs the script in a page that has nothing but its parts, and gives what it says of a number. */
async function said(told: Partial<LotteryFacts>, number: string): Promise<string> {
  let submit: ((event: { preventDefault(): void }) => void) | undefined;
  let tell: (text: string) => void;
  const answer = new Promise<string>((resolve) => tell = resolve);
  const parts: Readonly<Record<string, object>> = {
    check: { hidden: true, addEventListener: (_: string, listener: typeof submit) => submit = listener },
    number: { value: number },
    answer: {
      set textContent(text: string) {
        tell(text);
      },
    },
  };
  const dataset = {
    facts: JSON.stringify({ ...facts, ...told }),
    texts: JSON.stringify(englishLottery.answers),
  };
  const document = {
    currentScript: { dataset },
    documentElement: { lang: "en" },
    querySelector: (selector: string) => parts[selector.slice(12, -2)],
  };
  new Function("document", lotteryScript)(document);
  submit?.({ preventDefault() {} });
  return await answer;
}

describe("the page of a lottery", () => {
  test("computes the places that the room computes (W41)", async () => {
    for (
      const [count, beacon] of [[1, ""], [2, ""], [20, "6c3f"], [300, "round 7"], [100_003, "x y"]] as const
    ) {
      const { placeOf } = createDraw({ secret, beacon, count });
      for (const number of [1, 2, 7, 20, count].filter((each) => each <= count)) {
        const text = await said({ registered: count, beacon }, String(number));
        assert.match(
          text,
          new RegExp(`^Number ${written(number)} has place ${written(placeOf(number))}\\.`),
          `${number} of ${count}`,
        );
      }
    }
  });

  test("says of who came late, of what is no number, and of a broken promise what it is", async () => {
    assert.match(await said({}, "21"), /^Number 21 came after registration was closed, and has place 21\./);
    for (const number of ["", "0", "-3", "x"]) {
      assert.match(await said({}, number), /^Please type a whole number/);
    }
    assert.match(await said({ secret: `${secret}!` }, "7"), /proves nothing/);
  });
});

describe("renderLottery()", () => {
  const pages = createPages({ title: "Ticket <shop>" }, { warn: assert.fail });
  // English is there at once.
  const page: PageSetup = { set: pages(null) as PageSetup["set"], nonce: "n0nce" };

  test("tells what is known, and computes only what can be computed", () => {
    const early = renderLottery(
      page,
      { ...facts, registered: null, drawnBy: null, beacon: null, secret: null },
      undefined,
    );
    assert.match(early, /same chance, early or late/);
    assert.match(early, new RegExp(facts.commitment));
    assert.match(early, /not told before March 1, 2027 at 8:59\sAM UTC/);
    assert.match(early, /not told before March 1, 2027 at 9:00\sAM UTC/);
    assert.doesNotMatch(early, /<script|<form/);
    const drawn = renderLottery(page, facts, undefined);
    assert.match(drawn, /Nobody could choose, not even the owner/);
    assert.match(drawn, /<form data-part="check" hidden>/);
    assert.match(drawn, /<script nonce="n0nce"/);
    assert.match(
      renderLottery(page, { ...facts, drawnBy: "committed", beacon: "" }, undefined),
      /against everyone but the owner/,
    );
    const arrived = renderLottery(page, { ...facts, drawnBy: "arrival", beacon: "" }, undefined);
    assert.match(arrived, /kept the order in which they registered/);
    assert.doesNotMatch(arrived, /<form/);
  });

  test("tells visitors their own number and place", () => {
    assert.match(
      renderLottery(page, facts, { registered: 7, place: undefined }),
      /registered, with number 7\./,
    );
    const drawn = renderLottery(page, facts, { registered: 7, place: 1600 });
    assert.match(drawn, /number 7, and place 1,600 was drawn for you\./);
    assert.match(drawn, /required value="7"/);
  });

  test("shows what comes from elsewhere as text", () => {
    const html = renderLottery(
      page,
      { ...facts, beacon: '"><script>alert(1)</script>', secret: "</script><b>" },
      undefined,
    );
    assert.doesNotMatch(html, /<script>alert|<b>|Ticket <shop>/);
  });

  test("is small", () => {
    assert.ok(new TextEncoder().encode(renderLottery(page, facts, undefined)).length < 14_000);
  });
});
