import { carryScript } from "./carry/script.ts";
import { drawCall, drawScript } from "./draw-script.ts";
import { eventsScript } from "./events-script.ts";
import { laneCall } from "./lane-script.ts";
import { placedScript } from "./placed-script.ts";
import { timesScript } from "./times-script.ts";

/**
 * The script of the page. Far from the front it reads the status, which is the same for everybody; once called it checks in. What it
 * computes is what `estimate.ts` and `words.ts` compute, which a test compares. It goes on at its turn, asks at once when its tab or
 * its device wakes, and backs off while nothing can be reached.
 *
 * Pages get `script-text.ts`, which `npm run page-script` makes of it.
 */
export const source: string = `(view, texts) => {
  const { language } = texts, page = document, { max, min, round, floor, ceil, random } = Math, clock = () => Date.now();
  let timer, due, busy, again, failures = 0, over, spokenAt = 0, age = 0, usual = view.nextMs;
  let told, knownAt, keptAt = clock(), patience = 30000;

  const part = (name) => page.querySelector('[data-part=' + name + ']');
  // What the page says already is not said to its script.
  if (view.said) texts[view.said] = [part("heading").textContent, part("lead").textContent];
  const spread = (ms) => ms * (0.8 + random() * 0.4);
  const later = (ms) => { clearTimeout(timer); due = clock() + ms; timer = setTimeout(ask, ms); };
  const soon = (ms) => later(spread(usual = ms));

  const count = new Intl.NumberFormat(language).format, plurals = new Intl.PluralRules(language);
  const on = (target, name, act) => target.addEventListener(name, act);

  function estimate(number, { now, mode, opensAt, passed, pace, flow, y, rate }) {
    const ahead = max(0, number - passed);
    const place = max(1, round(ahead * (mode === "scheduled" ? 1 : pace > 0 ? flow / pace : y)));
    const openMs = now - opensAt;
    if (pace === 0 || openMs < 30000) return { place };
    const weight = min(1, openMs / 60000);
    const speed = weight * pace + (1 - weight) * rate / 60 / y;
    return { place, waitMs: round(ahead / speed * 1000) };
  }

  function nextLookMs(waitMs, { poll }) {
    const most = poll * 1000;
    return min(most, max(3000, (waitMs ?? Infinity) / 10));
  }

  function openingLookMs(number, usualMs, { mode, opensAt, now, F, y, rate }, random) {
    const calledMs = opensAt - 60000 - now;
    if (mode !== "scheduled" || calledMs < 0 || usualMs < calledMs - 60000 || (number - F) * y > 3 * rate + 30) return;
    return calledMs + random * 30000;
  }

  function progressOf(number, from, passed) {
    return number <= passed ? 1 : min(1, max(0, passed - from) / max(1, number - from));
  }

  function aheadText(place) {
    if (place <= 1) return texts.next;
    return (texts.ahead[plurals.select(place - 1)] ?? texts.ahead.other).replace("%1", count(place - 1));
  }

  function range(unit, from, to) {
    const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
    return format.formatRange?.(from, to) ?? format.format(to);
  }

  function waitText(ms) {
    if (ms === undefined) return texts.unknownWait;
    const from = max(1, floor(ms * 0.8 / 60000)), to = ceil(ms * 1.3 / 60000);
    if (to <= 1) return texts.underMinute;
    return from < 120 ? range("minute", from, to) : range("hour", floor(from / 60), ceil(to / 60));
  }

  // A page of the owner's has the parts that it wants.
  function set(name, text) {
    const node = part(name);
    if (node && node.textContent !== text) node.textContent = text;
  }
  function hide(name, isHidden) {
    (part(name) ?? {}).hidden = isHidden;
  }

  function say(text, isUrgent) {
    const now = clock();
    if (!isUrgent && now - spokenAt < 30000) return;
    spokenAt = now;
    set("live", text);
  }

  function show(place, waitMs, mode, progress) {
    const hasChanged = mode !== view.mode;
    const ahead = aheadText(place), shown = count(place);
    const isStill = texts.modes.includes(mode) && mode !== "draining";
    const [heading, lead] = texts[texts.modes.includes(mode) ? mode : view.isCalled ? "waiting" : "far"];
    view.mode = mode;
    set("heading", heading);
    set("lead", lead);
    set("place", shown);
    part("place")?.classList.toggle("long", shown.length > 5);
    set("ahead", ahead);
    set("waitLabel", mode === "scheduled" ? texts.opensIn : texts.waitLabel);
    set("wait", waitText(isStill ? undefined : waitMs));
    hide("opens", mode !== "scheduled");
    hide("numbers", false);
    hide("lost", true);
    part("progress")?.setAttribute("value", round(progress * 100));
    page.title = shown + " \\u00b7 " + texts.title;
    tick();
    say(hasChanged ? heading + ". " + ahead : ahead, hasChanged);
  }

  // The status cuts long notes, and tells the mark of all of it: what is there whole already stays. The mark is that of note-mark.ts. An
  // owner's page may leave all of it to the script.
  function note({ note, cut }) {
    if (cut && cut === view.heard && part("note")?.textContent.trim()) return;
    view.heard = cut ?? [...note].reduce((mark, each) => Math.imul(mark ^ each.codePointAt(), 16777619), -1);
    set("note", note || texts.note);
    hide("noted", !note && !texts.note);
  }

  function checked() {
    set("checked", texts.checked.replace("%1", new Date().toLocaleTimeString(language)));
    hide("checked", false);
  }

  ${timesScript.trim()}

  // The time until the opening goes by the room's clock. A timer stands still while the device sleeps.
  function tick() {
    if (over) return;
    if (clock() > due + 10000) ask();
    if (view.mode !== "scheduled" || !view.opensAt) return;
    const seconds = ceil((view.opensAt - view.now - (performance.now() - knownAt)) / 1000);
    const parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(floor);
    set("wait", seconds > 0 ? parts.map((each, at) => (at && each < 10 ? count(0) : "") + count(each)).join(":") : texts.underMinute);
  }

  const { sentFrom } = view; // It is asked for, and not sent again.
  function move(to = sentFrom) {
    over = true;
    clearTimeout(timer);
    if (to) location.replace(to);
    else location.reload();
    // What cannot be shown leaves the page as it is. A slow site is given longer each time: what is asked again begins anew.
    setTimeout(() => { over = false; later(0); }, patience *= 2);
  }

  function go() {
    page.title = texts.turn;
    const icon = page.querySelector("[rel=icon]");
    if (icon) icon.href = icon.href.replace(/%23\\w+/, "%231a7f37");
    say(texts.turn, true);
    if (told) notify(texts.turn);
    move();
  }

  // Browsers of telephones have the name, and no notification.
  function notify(text) {
    try {
      return new Notification(text, { body: texts.title, tag: view.path });
    } catch {
      hide("notify", true);
    }
  }

  async function askToNotify() {
    if (await Notification.requestPermission() !== "granted" || !notify(texts.notified)) return hide("notify", true);
    told = true;
    set("notify", texts.notified);
    part("notify").disabled = true;
  }

  async function call(path, init) {
    const answer = await fetch(view.path + path, { ...init, signal: AbortSignal.timeout?.(10000) });
    if (!answer.ok) throw answer;
    age = +answer.headers.get("age") || 0;
    return await answer.json();
  }

  const post = (path, body) => call(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });

  // The browser forgets a ticket after a day unless it is given it again, which the status cannot do.
  const keepMs = spread(6 * 3600000);

  // Tells whether the number is still far.
  function looked(status) {${laneCall}
    times(status);
    if (view.number <= status.F) usual = 0; // Who is called has no time to lose.
    // What was asked before a stream called may be answered after it. A number that the room has not given shows it that it lost some.
    if (view.isCalled || status.epoch !== view.epoch || view.number <= status.F || view.number > status.issued) return false;
    if (status.mode === "bypass") return false;
    const { place, waitMs } = estimate(view.number, status);
    note(status);
    show(place, waitMs, status.mode, progressOf(view.number, view.from, status.passed));
    const ms = nextLookMs(waitMs, status), opening = openingLookMs(view.number, ms, status, random());
    opening === undefined ? soon(ms) : later(usual = opening);
    return true;
  }

  async function look() {
    if (clock() - keptAt > keepMs) {
      await checkIn();
      keptAt = clock();
      return;
    }
    const status = await call("/status");
    ${drawCall}
    if (!looked(status)) return checkIn("" + status.now);
    listen();
  }

  ${drawScript.trim()}

  // The time in the status that called the number, if one did: something in front may keep it for too long.
  async function checkIn(seen) {
    const told = await post("/check-in", { hidden: page.hidden, seen });
    if (told.now) { note(told); times(told); }
    if (told.is === "admitted") return go();
    ${placedScript.trim()}
    if (told.is === "later") return soon(told.nextMs);
    if (told.is !== "unknown") return move();
    // Another line has begun, or the browser keeps no cookies: everybody asks once, and not all at the same time.
    over = true;
    setTimeout(move, 5000 + random() * 25000);
  }

  async function ask() {
    if (over) return;
    if (busy) return again = true;
    busy = true;
    clearTimeout(timer);
    due = Infinity;
    try {
      if (!view.number) return move();
      await (view.isCalled ? checkIn() : look());
      failures = 0;
      if (!over) { hide("lost", true); checked(); }
    } catch (answer) {
      hide("lost", ++failures < 2);
      if (failures === 2) say(part("lost")?.textContent, true);
      // Another program answers in the room's place, as where the gate was switched off: it is asked for the page.
      if (failures > 1 && /^(40[45]|Syn)/.test(answer.status || answer)) {
        const to = view.behind || sentFrom;
        view.isCalled = true; // A room that is not there any more says so to whoever checks in.
        await fetch(to || location, { method: "HEAD" }).then(({ ok }) => ok && move(to), () => {});
      }
      // Who looks seldom does not look more often because nothing answers: millions may do the same.
      later(spread(max(usual, min(60000, 2000 * 2 ** failures))));
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
      const main = page.querySelector("main") ?? page.body;
      main.replaceChildren(Object.assign(page.createElement("h1"), { textContent: texts.left, tabIndex: -1 }));
      main.firstChild.focus();
      page.querySelector("footer")?.remove();
      page.title = texts.left;
    } catch {
      over = false;
      later(2000);
    }
  }

  ${eventsScript.trim()}

  ${carryScript.trim()}

  for (const form of page.forms) {
    const action = form.getAttribute("action");
    if (action === view.path + "/leave") on(form, "submit", leave);
    if (action === view.path + "/carry") on(form, "submit", carry);
  }

  const bell = part("notify");
  if (bell && isSecureContext && "Notification" in self && Notification.permission !== "denied") {
    bell.hidden = false;
    on(bell, "click", askToNotify);
  }

  on(page, "visibilitychange", () => { if (!page.hidden) ask(); });
  on(self, "pageshow", (event) => { if (event.persisted) location.reload(); });
  on(self, "online", ask);
  on(self, "offline", () => hide("lost", false));
  times(view);
  listen();
  setInterval(tick, 1000);
  if (view.nextMs > 0) later(spread(view.nextMs) * (view.mode === "scheduled" ? 0.8 : 1));
  else over = true;
  tick();
  if (view.mode) checked();
}`;
