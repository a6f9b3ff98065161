/** Reads the rooms once a second, and shows the one that was chosen. */
export const live: string = `
let views = [], chosen, reading = Promise.resolve(), next, failures = 0, changedAt = -Infinity;
const lastKnown = new Map();
let past, pastAt = -Infinity, pastBeing, isPastLost = false;
const status = document.getElementById("live"), article = document.getElementById("room"), overview = document.getElementById("overview");
const { title } = document.querySelector("main").dataset;

async function read(path) {
  // One that is never answered must not hold up the next.
  const answer = await fetch(base + path, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(10000) });
  if (answer.status === 401 || answer.status === 403) askWho();
  if (!answer.ok) throw new Error(String(answer.status));
  return await answer.json();
}

/**
 * The sign-in is over, so the page asks who it is: not where something that is written would be lost, nor again and again where something else
 * refuses what the page is told, and not the page.
 */
function askWho() {
  if (begun.size === 0 && !forms.some(hasWritten) && performance.now() > 5000) location.reload();
}

const current = () => views.find(({ name }) => name === chosen) || views[0];

function figuresOf(view) {
  const f = view.figures;
  const of = (value, most) => most === undefined ? number(value) : [number(value), " of " + number(most)];
  return [
    ["Present", number(f.present)],
    ["Far, an estimate", number(f.far)],
    ["Inside", of(f.inside, f.capacity)],
    ["Let in a minute", of(f.admittedPerMinute, f.admitPerMinute)],
    ["Wait of the next", duration(f.waitSeconds)],
    ["Let in so far", number(f.admitted)],
    ["Lost their place", number(f.lapsed)],
    ["Gave it back", number(f.left)],
    ...f.visitorStatusAgeMs === undefined ? [] : [["Visitors see it", [number(f.visitorStatusAgeMs / 1000) + " s", " late"]]],
    ["Store answers in", f.storeLatencyMs === undefined ? "–" : number(f.storeLatencyMs) + " ms"],
    ["Store failures", number(f.storeFailures)],
    ...f.priorityPresent === undefined ? [] : [
      ["With priority: present", [number(f.priorityPresent), " of " + number(f.present)]],
      ["With priority: far", [number(f.priorityFar), " of " + number(f.far)]],
      ["With priority: let in a minute", [number(f.priorityAdmittedPerMinute), " of " + number(f.admittedPerMinute)]],
      ["With priority: wait of the next", duration(f.priorityWaitSeconds)],
    ],
    ...f.rateReason === undefined ? [] : [
      ["Application answers in", number(f.answerMs) + " ms"],
      ["Visitors who meet errors", number(100 * f.errorRate) + " %"],
      ["The rate", [number(f.admitPerMinute), " " + (reasons[f.rateReason] || f.rateReason)]],
    ],
  ];
}

function showFigures(view) {
  const box = part("figures");
  const figures = figuresOf(view);
  while (box.children.length > figures.length) box.lastChild.remove();
  figures.forEach(([name, value], at) => {
    let row = box.children[at];
    if (!row) {
      row = make("div");
      const dd = make("dd");
      dd.append(make("span"), make("small"));
      row.append(make("dt", name), dd);
      box.append(row);
    }
    const [main, small] = Array.isArray(value) ? value : [value, ""];
    const [span, tail] = row.lastChild.children;
    set(span, main);
    set(tail, small);
  });
}

function showOverview() {
  overview.hidden = views.length < 2;
  if (views.length < 2) return;
  const body = overview.querySelector("tbody");
  views.forEach((view, at) => {
    let row = body.children[at];
    if (!row) {
      row = make("tr");
      const link = make("a", view.name);
      link.href = "#" + view.name;
      const head = make("th");
      head.scope = "row";
      head.append(link);
      row.append(head, ...Array.from({ length: 6 }, () => make("td")));
      body.append(row);
    }
    const f = view.figures;
    row.setAttribute("aria-current", String(view.name === chosen));
    const worst = ["bad", "note", "good"].find((level) => view.verdicts.some((verdict) => verdict.level === level)) || "";
    row.children[1].className = worst;
    [view.room ? modeNames[view.room.mode] : "not known", number(f.present), number(f.far), number(f.inside), number(f.admittedPerMinute), duration(f.waitSeconds)]
      .forEach((text, cell) => set(row.children[cell + 1], text));
  });
}

function showRecords() {
  const records = past.records;
  const key = past.name + (records ? JSON.stringify(records[records.length - 1]) + records.length : "?");
  fill(part("records"), key, () => {
    const row = (...cells) => { const tr = make("tr"); tr.append(...cells.map((text) => make("td", text))); return tr; };
    if (!records) return [row("", "", "The log cannot be read: the store does not answer.")];
    if (!records.length) return [row("", "", "Nobody has changed the room.")];
    return [...records].reverse().map(({ atMs, by, order, revision }) => {
      const what = Object.entries(order).map(([name, value]) => (fieldNames[name] || name) + ": " + fieldText(name, value)).join("; ");
      return row(time(atMs), by, what + (revision === undefined ? " (the store did not answer: nobody knows whether it is in force)" : ""));
    });
  });
}

function show(now) {
  const view = current();
  if (!view) return;
  if (chosen !== view.name) chosen = view.name;
  article.hidden = false;
  showOverview();
  set(part("name"), view.name);
  set(part("mode"), view.room ? modeNames[view.room.mode] : "not known");
  fill(part("verdicts"), view.name + JSON.stringify(view.verdicts), () => view.verdicts.map(({ level, text }) => make("li", text, "verdict " + level)));
  const note = view.room ? view.room.note : "";
  part("note").hidden = note === "";
  set(part("note"), "Note: " + note);
  showFigures(view);
  showForms(view);
  const bad = views.filter(({ verdicts }) => verdicts.some(({ level }) => level === "bad")).length;
  document.title = (bad ? "(" + bad + ") " : "") + title;
  const isPastKnown = past !== undefined && past.name === view.name;
  for (const name of ["charts", "records"]) part(name).hidden = !isPastKnown;
  if (isPastKnown) {
    const known = { atMs: now, ...view.figures };
    const seconds = Number(document.getElementById("span").value);
    draw(part("charts"), kinds, rowsOf(past, past.names.map((name) => known[name])), seconds);
    showRecords();
  }
}

/** Reads the last hours and the log where that is due. Nobody waits for it to see the room as it is now. */
async function keepPast({ name }, now) {
  const isSame = past && past.name === name;
  // The record of a change comes a moment behind it.
  const isDue = !isSame || isPastLost || performance.now() - pastAt > past.stepMs || pastAt - changedAt < 3000;
  if (!isDue || pastBeing === name) return;
  pastBeing = name;
  pastAt = performance.now();
  try {
    const last = isSame && past.points.length ? past.points[past.points.length - 1][0] : 0;
    const told = await read("/rooms/" + name + (last ? "?since=" + last : ""));
    if (current().name !== name) return;
    past = isSame ? { ...told, points: [...past.points, ...told.points].slice(-5000) } : told;
    isPastLost = false;
  } catch {
    // Of a room that is not shown any more nobody misses it.
    if (current().name === name) isPastLost = true;
  } finally {
    if (pastBeing === name) pastBeing = undefined;
  }
  if (failures === 0) tellLive();
  show(now);
}

function tellLive() {
  status.className = isPastLost ? "stale" : "";
  set(status, isPastLost ? "Live, but for the last hours and the log, which cannot be read." : "Live. Updated every second.");
}

/** Reads the rooms, and once more where they are being read: that began before what they are read for. */
function refresh() {
  return next = next || reading.then(() => {
    next = undefined;
    return reading = readRooms();
  });
}

/**
 * Of two readings of a room the one that the store made later: of several processes each keeps one for a second. A clock that
 * was set back by more is believed.
 */
function newest(view) {
  const { name, room } = view;
  if (!room) return view;
  const last = lastKnown.get(name);
  const isOlder = last && room.now < last.room.now && room.now > last.room.now - 10000;
  if (isOlder) return last;
  if (last && room.revision < last.room.revision) startOver(name);
  lastKnown.set(name, view);
  return view;
}

async function readRooms() {
  try {
    const { now, rooms } = await read("/rooms");
    const revision = current() && current().room && current().room.revision;
    views = rooms.map(newest);
    failures = 0;
    tellLive();
    show(now);
    const view = current();
    if (view.room && view.room.revision !== revision) changedAt = performance.now();
    void keepPast(view, now);
  } catch (error) {
    failures++;
    status.className = "stale";
    const isOut = error.message === "401" || error.message === "403";
    set(status, (isOut ? "You are not signed in any more: load the page anew." : "The board cannot be reached.") + " What you see is old, and is read again.");
  }
}

async function turn() {
  await refresh();
  setTimeout(turn, document.hidden ? 5000 : Math.min(10000, 1000 * 2 ** Math.min(failures, 4)));
}

function choose() {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // No room is called so.
  }
  if (name === chosen) return;
  chosen = name;
  if (part("result")) part("result").textContent = "";
  show(Date.now());
  void refresh();
}

addEventListener("hashchange", choose);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.getElementById("span").addEventListener("change", () => show(Date.now()));
listen(current, refresh);
if (location.hash) choose();
void turn();
`;
