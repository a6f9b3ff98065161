/** The waiting page of somebody, of what is known of them and the room, without a room. */

import type { WaitingView } from "../../../plugins/waiting-room/mod.ts";
import type { PageSet } from "../../../plugins/waiting-room/page/pages.ts";
import { renderPage, type ScriptData, scriptTag } from "../../../plugins/waiting-room/page/render.ts";
import { start } from "./_node.ts";

/** What is known where a test says nothing else: somebody is in the middle of a long line. */
const usual = {
  room: "main",
  situation: "far",
  mode: "open",
  now: start,
  opensAt: start - 3_600_000,
  closesAt: 0,
  number: 12_345,
  place: 12_345,
  waitMs: 7_200_000,
  progress: 0.5,
  nextMs: 600_000,
  returnMs: 300_000,
  wasForm: false,
  nonce: "n",
} as const satisfies Partial<WaitingView>;

/** The same of somebody who has no place. */
export const placeless = {
  number: undefined,
  place: undefined,
  waitMs: undefined,
  progress: undefined,
} as const satisfies Partial<WaitingView>;

/** Makes the page. */
export function pageOf(
  set: PageSet,
  more: Partial<WaitingView> = {},
  known: Partial<ScriptData> = {},
): string {
  const { title, note, look } = set;
  const own = { title, note, language: look.language, direction: look.direction ?? "ltr" as const };
  const view: Omit<WaitingView, "script"> = { ...usual, ...own, ...more };
  const data: ScriptData = {
    path: "/.stanchion/main",
    page: "/",
    epoch: 1,
    isCalled: false,
    isOwn: false,
    from: 0,
    ...known,
  };
  return renderPage({ ...view, script: scriptTag(view, data, set) }, data, set);
}
