/** The playground: one edits a pipeline, sends requests as several visitors, and sees what came of them. */

import { answerView, cookieView, explainView } from "./answer.ts";
import { labelled, make } from "./dom.ts";
import { createEditor } from "./editor.ts";
import { examples } from "./examples.ts";
import { createJar } from "./jar.ts";
import type { Answered, Asked, Outcome, Wrong } from "./messages.ts";
import { createRunner } from "./runner.ts";

const visitors = ["Ada", "Ben", "Cleo"];
const methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"];
const usualHeaders = [
  "accept: text/html",
  "accept-language: en",
  "user-agent: Mozilla/5.0",
  "sec-fetch-mode: navigate",
  "sec-fetch-dest: document",
].join("\n");

/** Puts the playground into an element, and returns what ends it. */
export function mountPlayground(root: HTMLElement): () => void {
  const jars = visitors.map(createJar);
  const runner = createRunner((line) => void (output.textContent += `${line}\n`));
  let isLoaded = false;
  let onward: string | undefined;

  const example = select("example", Object.entries(examples).map(([name, { title }]) => [name, title]));
  const visitor = select("visitor", visitors.map((name, at) => [String(at), name]));
  const method = select("method", methods.map((name) => [name, name]));
  const url = make("input", { type: "url", name: "url", spellcheck: "false", size: "40" });
  const headers = make("textarea", { name: "headers", rows: "5", spellcheck: "false" }, usualHeaders);
  const body = make("textarea", { name: "body", rows: "2", spellcheck: "false" });
  const bodyLabel = labelled("Body", body);
  const run = button("Run", () => void load());
  const stop = button("Stop", () => runner.stop());
  const sending = make("button", { type: "submit", class: "main" }, "Send");
  const follow = button("Follow the redirect", () => void goOn());
  const state = make("p", { role: "status", class: "state" });
  const wrong = make("div", { role: "alert" });
  const [answer, explained, cookies] = [make("div", {}), make("div", {}), make("div", {})];
  const output = make("pre", { tabindex: "0", "aria-label": "What the code prints" });
  const place = make("div", { class: "editor" });
  root.replaceChildren(
    make("div", { class: "row" }, labelled("Example", example), run, stop),
    place,
    state,
    wrong,
    make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), void send()) },
      make(
        "div",
        { class: "row" },
        labelled("Visitor", visitor),
        labelled("Method", method),
        labelled("Address", url),
      ),
      labelled("Headers, one a line; cookies are added as a browser would", headers),
      bodyLabel,
      make("div", { class: "row" }, sending, follow),
    ),
    part("Answer", answer),
    part("What each plugin said", explained),
    part("Cookies", cookies),
    part("Output", output),
  );
  const editor = createEditor(place, () => isLoaded = false);

  example.addEventListener("change", choose);
  visitor.addEventListener("change", showCookies);
  method.addEventListener("change", () => bodyLabel.hidden = ["GET", "HEAD"].includes(method.value));
  bodyLabel.hidden = true;
  follow.hidden = true;
  choose();
  return () => runner.stop();

  function choose(): void {
    const chosen = examples[example.value];
    if (chosen === undefined) return;
    editor.code = chosen.code;
    url.value = chosen.url;
    forget();
    void load();
  }

  /** What was known of the pipeline before means nothing to the new one. */
  function forget(): void {
    for (const jar of jars) jar.clear();
    for (const each of [answer, explained]) each.replaceChildren(make("p", {}, "Send a request."));
    follow.hidden = true;
    showCookies();
  }

  async function load(): Promise<boolean> {
    output.textContent = "";
    const { code } = editor;
    const outcome = await busy("Loading …", () => runner.load(code));
    isLoaded = outcome.is === "loaded" && editor.code === code;
    if (outcome.is !== "loaded") return false;
    wrong.replaceChildren();
    state.textContent = `The gate is ready. ${outcome.plan.join("; ")}.`;
    return true;
  }

  async function send(): Promise<void> {
    // One after the other: the code may still be at the one before.
    if ("busy" in root.dataset || (!isLoaded && !await load())) return;
    const asked = request();
    if (asked === undefined) return;
    const outcome = await busy("Waiting for the answer …", () => runner.send(asked));
    if (outcome.is === "answered") show(asked, outcome.answered);
  }

  /** The request that stands in the form, with the cookies of the visitor. */
  function request(): Asked | undefined {
    if (!URL.canParse(url.value) || !/^https?:/.test(url.value)) {
      complain({
        message: `The address must be absolute, such as https://shop.example.com/, received ${url.value}`,
        line: undefined,
      });
      return undefined;
    }
    const lines = headers.value.split("\n").filter((line) => line.trim() !== "");
    const odd = lines.find((line) => !/^[\w!#$%&'*+.^`|~-]+:/.test(line));
    if (odd !== undefined) {
      complain({ message: `A header is a name, a colon and a value, received ${odd}`, line: undefined });
      return undefined;
    }
    const pairs = lines.map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1).trim()];
    });
    const cookie = jarOf().header(new URL(url.value), Date.now());
    if (cookie !== "") pairs.push(["cookie", cookie]);
    const address = `198.51.100.${Number(visitor.value) + 1}`;
    return { method: method.value, url: url.value, headers: pairs, body: body.value, address };
  }

  function show(asked: Asked, answered: Answered): void {
    const at = new URL(asked.url);
    const lines = answered.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value);
    const refused = jarOf().take(at, lines, Date.now());
    const location = answered.headers.find(([name]) => name === "location")?.[1];
    onward = location !== undefined && URL.canParse(location, at) ? new URL(location, at).href : undefined;
    follow.hidden = onward === undefined;
    answer.replaceChildren(...answerView(answered, asked.url, refused));
    explained.replaceChildren(...explainView(answered.explained));
    showCookies();
    state.textContent = `${asked.method} ${asked.url} was answered with ${answered.status}.`;
  }

  async function goOn(): Promise<void> {
    if (onward === undefined) return;
    url.value = onward;
    method.value = "GET";
    bodyLabel.hidden = true;
    await send();
  }

  function showCookies(): void {
    const jar = jarOf();
    const forgetOne = (cookie: Parameters<typeof jar.remove>[0]) => (jar.remove(cookie), showCookies());
    cookies.replaceChildren(...cookieView(jar.list(Date.now()), Date.now(), forgetOne));
  }

  function jarOf() {
    // The menu has as many visitors as there are jars.
    return jars[Number(visitor.value)] as ReturnType<typeof createJar>;
  }

  /** Does something that may take long; what goes wrong is told. */
  async function busy(words: string, work: () => Promise<Outcome>): Promise<Outcome> {
    wrong.replaceChildren();
    state.textContent = words;
    root.dataset["busy"] = "";
    const outcome = await work();
    delete root.dataset["busy"];
    if (outcome.is === "wrong") complain(outcome.wrong);
    return outcome;
  }

  function complain({ message, line }: Wrong): void {
    state.textContent = "";
    isLoaded = false;
    const where = line === undefined ? undefined : button(`Line ${line}`, () => editor.show(line));
    wrong.replaceChildren(make("p", { class: "wrong" }, where, ` ${message}`));
  }
}

function button(words: string, onclick: () => void): HTMLButtonElement {
  return make("button", { type: "button", onclick }, words);
}

function select(
  name: string,
  options: readonly (readonly [value: string, words: string])[],
): HTMLSelectElement {
  return make("select", { name }, ...options.map(([value, words]) => make("option", { value }, words)));
}

function part(title: string, content: HTMLElement): HTMLElement {
  return make("section", {}, make("h2", {}, title), content);
}
