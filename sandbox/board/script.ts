/** Reads the state of the sandbox once a second, shows it, and changes it by the control endpoints. */
export const script: string = `
const at = (id) => document.getElementById(id);
const live = at("live");
let failures = 0;

const kinds = [
  { title: "Decisions of the gate, in two seconds", lines: [["let through", "--three", 2], ["sent to wait", "--one", 2], ["answered otherwise", "--two", 2], ["after a fault", "--four", 1]], of: (row) => [row.admitted, row.queued, row.answered, row.failures] },
  { title: "People, in all rooms", lines: [["in line", "--one", 2], ["inside", "--three", 2]], of: (row) => [row.waiting, row.inside] },
  { title: "Calls of the services, in two seconds", lines: [["calls", "--one", 2], ["with a fault", "--four", 1]], of: (row) => [row.calls, row.faults] },
];
const deeds = { admit: "let in", bypass: "let through", queue: "sent to wait", redirect: "sent to its address", reject: "turned away", respond: "answered" };

/** Asks for a change; the board is read anew behind it. */
async function ask(method, path, body, done) {
  try {
    const answer = await fetch(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const told = await answer.json();
    tell(answer.ok ? done : "Nothing was changed. " + told.error, !answer.ok);
  } catch {
    tell("The sandbox cannot be reached.", true);
  }
  await refresh();
}

/** A field of a room that can be changed in its place. */
function field(label, name, save) {
  const input = make("input");
  input.inputMode = "numeric";
  input.size = 5;
  input.setAttribute("aria-label", label);
  input.dataset.name = name;
  input.addEventListener("change", () => { delete input.dataset.dirty; save({ [name]: Number(input.value) }); });
  input.addEventListener("input", () => input.dataset.dirty = "1");
  return input;
}

function roomRow(service, name, path) {
  const row = make("tr");
  const head = make("th", name);
  head.scope = "row";
  row.append(make("td", service), head, ...Array.from({ length: 4 }, () => make("td")));
  const save = (change) => ask("POST", path, change, name + " is changed.");
  const capacity = make("label", "may be inside "), rate = make("label", "a minute ");
  capacity.append(field("May be inside " + name, "capacity", save));
  rate.append(field("Let in a minute into " + name, "ratePerMinute", save));
  const last = make("td");
  last.append(capacity, rate);
  row.append(last);
  return row;
}

function showRooms(state) {
  const rooms = [
    ...state.rooms.map((room) => ["CrowdHandler", room.slug, "/sandbox/rooms/" + encodeURIComponent(room.slug), room, room.status === null ? "open" : "status " + room.status]),
    ...state.queueIt.rooms.map((room) => ["Queue-it", room.eventId, "/sandbox/queue-it/rooms/" + encodeURIComponent(room.eventId), room, room.phase]),
  ];
  rooms.forEach(([service, name, path, room, phase], index) => {
    const row = at("rooms").children[index] || at("rooms").appendChild(roomRow(service, name, path));
    [phase, number(room.waiting), number(room.inside) + " of " + number(room.capacity), number(room.ratePerMinute)]
      .forEach((text, cell) => set(row.children[cell + 2], text));
    for (const input of row.querySelectorAll("input")) {
      const value = String(room[input.dataset.name]);
      if (input.dataset.dirty === undefined && document.activeElement !== input && input.value !== value) input.value = value;
    }
  });
}

function showFaults(faults) {
  for (const select of document.querySelectorAll("[data-fault]")) {
    const fault = faults[select.dataset.fault];
    const wanted = [...select.options].find(({ value }) => fault ? value && JSON.parse(value).kind === fault.kind : !value);
    if (document.activeElement !== select && wanted) select.value = wanted.value;
    select.parentElement.className = fault ? "bad" : "";
  }
}

/** The latest of a list, the last one first. What somebody sent stays text. */
function showLatest(id, list, columns, cellsOf) {
  const shown = list.slice(-50).reverse();
  fill(at(id), JSON.stringify(shown), () => (shown.length ? shown.map(cellsOf) : [["Nothing yet."]]).map((cells) => {
    const row = make("tr");
    cells.forEach((text, cell) => {
      const isBad = cell === columns - 1 && text !== "";
      const td = make("td", text, isBad ? "bad" : "");
      if (cells.length === 1) td.colSpan = columns;
      row.append(td);
    });
    return row;
  }));
}

const timeOf = (at) => new Date(at).toLocaleTimeString();

/** A path in which tokens are cut, by which its visitor is known. */
const shortPath = (path) => path.slice(0, 200).split("/").map((part) => part.length > 20 ? part.slice(0, 8) + "…" : part).join("/");

const callOf = ({ at, endpoint, method, path, status, fault }) =>
  [timeOf(at), endpoint, method + " " + shortPath(path), status === undefined ? "nothing yet" : String(status), fault || ""];

const decisionOf = ({ time, method, host, path, action, reason, room, enforced, status, durationMs, failure, failedPlugin, threw }) => [
  timeOf(time), (enforced ? "" : "only reported: ") + (deeds[action] || action), method + " " + host + path, reason, room || "",
  threw ? "an error" : status === undefined ? "nothing" : String(status), durationMs.toFixed(1) + " ms", failure ? failure + " in " + failedPlugin : "",
];

/** A step of two seconds that is whole: one that goes on would look like a fall. Where there is none, nothing happened. */
function rowsOf(flow, now) {
  const rows = [];
  const step = 2000, last = Math.floor(now / step) * step - step;
  let known = { waiting: null, inside: null };
  const points = new Map(flow.map((point) => [point.atMs, point]));
  if (!flow.length) return rows;
  for (let atMs = Math.max(flow[0].atMs, last - 600000); atMs <= last; atMs += step) {
    const point = points.get(atMs);
    rows.push(known = point || { atMs, admitted: 0, queued: 0, answered: 0, failures: 0, calls: 0, faults: 0, waiting: known.waiting, inside: known.inside });
  }
  return rows;
}

async function refresh() {
  try {
    const answer = await fetch("/sandbox/state", { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    showRooms(state);
    showFaults(state.faults);
    showLatest("calls", state.calls, 5, callOf);
    showLatest("decisions", state.decisions, 8, decisionOf);
    part("hint").hidden = state.decisions.length > 0;
    draw(part("charts"), kinds, rowsOf(state.flow, Date.parse(state.now)), 600);
    set(at("visitors"), number(state.visitors));
    set(at("queue-visitors"), number(state.queueIt.visitors));
    set(at("count"), number(state.calls.length));
    failures = 0;
    live.className = "";
    set(live, "Live. Updated every second.");
  } catch {
    failures++;
    live.className = "stale";
    set(live, "The sandbox cannot be reached. What you see is old, and is read again.");
  }
}

for (const select of document.querySelectorAll("[data-fault]")) {
  select.addEventListener("change", () => {
    const { fault } = select.dataset;
    if (select.value === "") return ask("DELETE", "/sandbox/faults/" + fault, undefined, fault + " works again.");
    return ask("PUT", "/sandbox/faults/" + fault, JSON.parse(select.value), fault + " " + select.selectedOptions[0].text + ".");
  });
}
at("heal").addEventListener("click", () => ask("DELETE", "/sandbox/faults", undefined, "Everything works again."));
at("promote").addEventListener("click", () => ask("POST", "/sandbox/promote", {}, "Everybody in line is let in."));

set(part("address"), location.origin);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

async function turn() {
  await refresh();
  setTimeout(turn, document.hidden ? 5000 : Math.min(10000, 1000 * 2 ** Math.min(failures, 4)));
}
void turn();
`;
