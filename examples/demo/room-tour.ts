/**
 * A visitor who goes through the waiting room of the demo, and tells what happens.
 *
 * @module
 */

import type { RoomSite } from "./room-site.ts";
import { type Answer, createVisitor, type Place } from "./visitor.ts";

/** The visitor gives up after this time. */
const maxMs = 25_000;

/**
 * Opens the shop, waits, is let in at the turn, keeps the place on the next pages and leaves.
 *
 * @param site The running demo.
 * @param print Takes a line.
 * @returns Whether all that happened.
 */
export async function roomTour({ shopUrls }: RoomSite, print: (line: string) => void): Promise<boolean> {
  const [first] = shopUrls;
  const other = shopUrls.at(-1) ?? first;
  const visitor = createVisitor({ sleep: sleepUntil(Date.now() + maxMs) });

  async function open(url: string): Promise<Answer> {
    const answer = await visitor.open(url);
    print("");
    print(`  GET ${url}`);
    print(
      `      ${answer.status} ${
        answer.status === 503 ? "the waiting page, in the place of the shop's" : "from the shop"
      }`,
    );
    for (const name of answer.cookies) print(`      Set-Cookie: ${name}, signed`);
    return answer;
  }

  let last = "";
  let wasPresent = false;
  function tell({ position, isCalled }: Place): void {
    wasPresent ||= isCalled;
    const told = `      ${isCalled ? "called, and present" : "far from the front"}, place ${
      position ?? "not yet known"
    }`;
    if (told !== last) print(told);
    last = told;
  }

  try {
    let page = `${first}/tickets/quartet`;
    print(`A visitor opens ${page}`);
    let answer = await open(page);
    if (answer.status !== 503) {
      print("The visitor was let in without waiting; the tour expects a line (--crowd 1 or more).");
      return false;
    }
    if (other !== first) {
      print("");
      print(`The visitor goes on at the other process, ${other}, and keeps the place:`);
      page = `${other}/tickets/quartet`;
      answer = await open(page);
    }
    while (answer.status === 503) {
      const base = new URL(page).origin;
      await visitor.wait(answer.text, () => base, tell);
      print("      it is the visitor's turn: the page opens itself again");
      answer = await open(page);
    }
    if (!wasPresent) {
      print("The visitor was let in without having been called.");
      return false;
    }
    print("");
    print("The visitor is in, and looks around: the place is kept.");
    for (const url of [`${first}/`, `${other}/assets/style.css`, `${other}/tickets/choir`]) {
      if ((await open(url)).status !== 200) return false;
    }
    print("");
    print("The visitor leaves: the place is free, and who opens a page again stands at the end of the line.");
    const left = await visitor.post(`${other}/.stanchion/main/leave`);
    print(`  POST ${other}/.stanchion/main/leave`);
    print(`      ${left.status} ${left.text.trim()}`);
    // Whoever had kept the place would get no other ticket. Where the line is short, the next place is at the front.
    if (left.status !== 200 || (await open(page)).cookies.length === 0) {
      print("The place should be gone, but is not.");
      return false;
    }
    // So that nobody is missed in the line.
    await visitor.post(`${other}/.stanchion/main/leave`);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    return false;
  }
  print("");
  print("The visitor waited, was let in and left again. The tour is over.");
  return true;
}

/** Waits for so many milliseconds, but no longer than until then. */
function sleepUntil(deadline: number): (ms: number) => Promise<void> {
  return async (ms) => {
    if (Date.now() + ms > deadline) {
      throw new Error(
        `The visitor did not get in within the tour's ${
          maxMs / 1000
        } seconds: give a smaller --crowd or a higher --rate.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  };
}
