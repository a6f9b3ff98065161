/** A room in one file, in workerd: the gate is made before the first request, and languages and pages come out of the same file. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { carryEnglish } from "../../plugins/waiting-room/page/carry/texts.ts";
import { german } from "../../plugins/waiting-room/page/languages/german.ts";
import { english } from "../../plugins/waiting-room/page/texts.ts";
import { startWorker } from "./_workerd.ts";

const worker = await startWorker({ entry: "tests/runtimes/global-scope-worker.ts", bindings: {} });
after(() => worker.stop());

function open(path: string, language: string): Promise<Response> {
  const headers = {
    "accept": "text/html",
    "accept-language": language,
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  return fetch(`http://127.0.0.1:${worker.port}${path}`, { headers });
}

test("on workerd, createGate() with waitingRoom() is made in global scope", async () => {
  const response = await open("/", "en");
  assert.equal(response.status, 503);
  assert.ok((await response.text()).includes(english.headings.outside));
});

test("on workerd, roomBoard() and roomWebhooks() are made in global scope", async () => {
  const asking = async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await fetch(`http://127.0.0.1:${worker.port}/.stanchion-board/rooms`, { headers });
    return [answer.status, (await answer.text()).includes('"figures"')];
  };
  assert.deepEqual(await asking("a-wrong-secret-here"), [401, false]);
  assert.deepEqual(await asking("a-long-secret-from-a-vault"), [200, true]);
});

test("on workerd, waitingRoom() gives many visitors at once a language that nobody read before", async () => {
  const texts = await Promise.all(
    Array.from({ length: 20 }, async () => await (await open("/", "de")).text()),
  );
  for (const text of texts) assert.ok(text.includes(german.headings.outside), text);
});

test("on workerd, waitingRoom() shows the pages that few need", async () => {
  assert.ok((await (await open("/.stanchion/main/carry", "en")).text()).includes(carryEnglish.open));
  assert.ok((await (await open("/.stanchion/main/carry", "de")).text()).includes(german.carryPages.open));
});
