/** Reads the state of the sandbox once a second, shows it, and changes it by the control endpoints. */
export const script: string = `(() => {
"use strict";
const at = (id) => document.getElementById(id);
const live = at("live"), result = document.querySelector("[data-part=result]");
const number = (value) => value.toLocaleString("en");
let failures = 0;

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function make(tag, text) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  return node;
}

function tell(text, isBad) {
  result.className = "verdict " + (isBad ? "bad" : "good");
  result.textContent = text;
}

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

/** What a caller sent stays text. */
function showCalls(calls) {
  const key = JSON.stringify([calls.length, calls[calls.length - 1], calls.filter(({ status }) => status === undefined).length]);
  const body = at("calls");
  if (body.dataset.key === key) return;
  body.dataset.key = key;
  body.replaceChildren(...calls.slice(-50).reverse().map(({ at, endpoint, method, path, status, fault }) => {
    const row = make("tr");
    [new Date(at).toLocaleTimeString(), endpoint, method + " " + path.slice(0, 200), status === undefined ? "nothing yet" : String(status), fault || ""]
      .forEach((text) => row.append(make("td", text)));
    return row;
  }));
  if (!calls.length) body.append(make("tr")), body.lastChild.append(make("td", "Nobody has asked anything yet."));
}

async function refresh() {
  try {
    const answer = await fetch("/sandbox/state", { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    showRooms(state);
    showFaults(state.faults);
    showCalls(state.calls);
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

async function turn() {
  await refresh();
  setTimeout(turn, document.hidden ? 5000 : Math.min(10000, 1000 * 2 ** Math.min(failures, 4)));
}
void turn();
})();
`;
