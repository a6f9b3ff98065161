import { carryScript } from "./carry/script.ts";
import { eventsScript } from "./events-script.ts";

/**
 * The script of the page. Far from the front it reads the status, which is the same for everybody; once called it checks in. What it
 * computes is what `estimate.ts` computes, which a test compares. It goes on at its turn, asks at once when its tab becomes visible,
 * and backs off while nothing can be reached.
 */
export const script: string = `(() => {
  const { dataset } = document.currentScript;
  const view = JSON.parse(dataset.view);
  const texts = JSON.parse(dataset.texts);
  let timer, busy = false, again = false, failures = 0, over = false, spokenAt = 0, age = 0, usual = view.nextMs, keptAt = Date.now();

  const part = (name) => document.querySelector('[data-part="' + name + '"]');
  const spread = (ms) => ms * (0.8 + Math.random() * 0.4);
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(ask, ms); };
  const soon = (ms) => later(spread(usual = ms));

  function estimate(number, { now, opensAt, passed, pace, flow, y, rate }) {
    const ahead = Math.max(0, number - passed);
    const place = Math.max(1, Math.round(ahead * (pace > 0 ? flow / pace : y)));
    const openMs = now - opensAt;
    if (pace === 0 || openMs < 30000) return { place };
    const weight = Math.min(1, openMs / 60000);
    const speed = weight * pace + (1 - weight) * rate / 60 / y;
    return { place, waitMs: Math.round(ahead / speed * 1000) };
  }

  function nextLookMs(waitMs, { poll }) {
    const most = poll * 1000;
    return Math.min(most, Math.max(3000, waitMs === undefined ? most : waitMs / 10));
  }

  // A page of the owner's has the parts that it wants.
  function set(name, text) {
    const node = part(name);
    if (node && node.textContent !== text) node.textContent = text;
  }

  function hide(name, isHidden) {
    const node = part(name);
    if (node) node.hidden = isHidden;
  }

  function waitText(ms) {
    if (ms === undefined) return texts.unknownWait;
    const from = Math.max(1, Math.floor(ms * 0.8 / 60000)), to = Math.ceil(ms * 1.3 / 60000);
    return to <= 1 ? texts.underMinute : texts.aboutMinutes[from === to ? 0 : 1].replace("%1", from).replace("%2", to);
  }

  function say(text) {
    const now = Date.now();
    if (now - spokenAt < 30000) return;
    spokenAt = now;
    set("live", text);
  }

  function show(place, waitMs, mode) {
    const ahead = place > 1 ? texts.ahead[place === 2 ? 0 : 1].replace("%1", (place - 1).toLocaleString()) : texts.next;
    set("place", place.toLocaleString());
    set("ahead", ahead);
    set("wait", waitText(texts.modes[mode] ? undefined : waitMs));
    set("lead", texts.modes[mode] || texts.lead);
    hide("numbers", false);
    hide("lost", true);
    document.title = place.toLocaleString() + " \\u00b7 " + texts.title;
    say(ahead);
  }

  function note(text) {
    const shown = part("note")?.textContent ?? "";
    const start = text.endsWith("\\u2026") ? text.slice(0, -1) : text;
    if (text === shown || (start !== text && shown.startsWith(start))) return;
    set("note", text);
    hide("note", text === "");
  }

  function go() {
    over = true;
    clearTimeout(timer);
    document.title = texts.turn;
    // What was sent as a form is asked for, and not sent again.
    if (view.wasForm) location.replace(view.page);
    else location.reload();
    setTimeout(() => { over = false; later(0); }, 15000);
  }

  async function call(path, init) {
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(), 10000);
    try {
      const answer = await fetch(view.path + path, { ...init, signal: abort.signal });
      if (!answer.ok) throw new Error("HTTP " + answer.status);
      age = Number(answer.headers.get("age")) || 0;
      return await answer.json();
    } finally {
      clearTimeout(limit);
    }
  }

  const post = (path, body) => call(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });

  // The browser forgets a ticket after a day unless it is given it again, which the status cannot do.
  const keepMs = spread(6 * 3600000);

  // Tells whether the number is still far.
  function looked(status) {
    // A number that the room has not given shows it that it lost some.
    if (status.epoch !== view.epoch || view.number <= status.F || view.number > status.issued) return false;
    const { place, waitMs } = estimate(view.number, status);
    note(status.note);
    show(place, waitMs, status.mode);
    soon(nextLookMs(waitMs, status));
    return true;
  }

  async function look() {
    if (Date.now() - keptAt > keepMs) {
      await checkIn();
      keptAt = Date.now();
      return;
    }
    const status = await call("/status");
    if (view.isRegistered) return await draw(status);
    if (!looked(status)) return checkIn();
    listen();
  }

  // A registration is no place yet. Once the order is drawn, the room gives the ticket for the place.
  async function draw({ epoch, lottery, poll, opensAt, now, note: words }) {
    note(words);
    if (epoch === view.epoch && lottery && lottery !== "drawn") {
      return soon(Math.max(poll * 1000, Math.min(1800000, (opensAt - now) / 10)));
    }
    const told = await post("/place", {});
    if (told.is === "registered") return soon(poll * 1000);
    over = true;
    if (view.wasForm) location.replace(view.page);
    else location.reload();
  }

  async function checkIn() {
    const told = await post("/check-in", { hidden: document.hidden, age });
    if (typeof told.note === "string") note(told.note);
    if (told.is === "admitted") return go();
    if (told.is === "waiting") {
      view.isCalled = true;
      view.epoch = told.epoch;
      view.number = told.number;
      show(told.position, told.waitMs, told.mode);
      return soon(told.nextMs);
    }
    if (told.is === "far") {
      view.isCalled = false;
      view.epoch = told.epoch;
      view.number = told.number;
      return soon(told.nextMs);
    }
    if (told.is === "later") return soon(told.nextMs);
    if (told.is !== "unknown") return go();
    // Another line has begun, or the browser keeps no cookies: everybody asks once, and not all at the same time.
    over = true;
    setTimeout(go, 5000 + Math.random() * 25000);
  }

  async function ask() {
    if (over) return;
    if (busy) { again = true; return; }
    busy = true;
    clearTimeout(timer);
    try {
      if (view.number === undefined) return go();
      await (view.isCalled ? checkIn() : look());
      failures = 0;
      if (!over) hide("lost", true);
    } catch {
      failures++;
      hide("lost", failures < 2);
      if (failures === 2) say(texts.lost);
      // Who looks seldom does not look more often because nothing answers: millions may do the same.
      later(spread(Math.max(usual, Math.min(60000, 2000 * 2 ** Math.min(failures, 5)))));
    } finally {
      busy = false;
      if (again) { again = false; later(0); }
    }
  }

  async function leave(event) {
    event.preventDefault();
    over = true;
    clearTimeout(timer);
    try {
      await post("/leave", {});
      const main = document.querySelector("main") ?? document.body;
      main.replaceChildren(Object.assign(document.createElement("h1"), { textContent: texts.left, tabIndex: -1 }));
      main.firstChild.focus();
      document.title = texts.left;
    } catch {
      over = false;
      later(2000);
    }
  }

  ${eventsScript.trim()}

  ${carryScript.trim()}

  for (const form of document.querySelectorAll("form")) {
    const action = form.getAttribute("action");
    if (action === view.path + "/leave") form.addEventListener("submit", leave);
    if (action === view.path + "/carry") form.addEventListener("submit", carry);
  }

  for (const opens of document.querySelectorAll("[data-part=opens] time")) {
    const dateStyle = { dateStyle: "long", timeStyle: "short" };
    opens.textContent = new Date(opens.dateTime).toLocaleString(document.documentElement.lang, dateStyle);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  addEventListener("online", ask);
  addEventListener("offline", () => hide("lost", false));
  listen();
  if (view.nextMs > 0) later(spread(view.nextMs));
  else over = true;
})();`;
