/** What changes a room. Everything is asked once more before it is done, and says which revision it was decided on. */
export const controls: string = `
const base = document.querySelector("main").dataset.path;
const dialog = document.getElementById("confirm");
const forms = [...document.querySelectorAll(".controls form")];

/** What a room has, by the names of an order. */
function fieldsOf({ mode, limits, tuned, note, opensAt, closesAt }) {
  return {
    mode, note, rate: tuned && tuned.heldSince > 0 ? "held" : "tuned", admitPerMinute: limits.admitPerMinute, capacity: limits.capacity < 0 ? "unlimited" : limits.capacity,
    sessionMinutes: limits.sessionMs / 60000, opensAt: localTime(opensAt), closesAt: localTime(closesAt), dropTheLine: "",
  };
}

/** As an input for a local time has it. */
function localTime(ms) {
  if (!(ms > 0)) return "";
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** A form shows what the room has, until somebody writes into it. */
function showForms(room) {
  if (!room) return;
  const fields = fieldsOf(room);
  for (const form of forms) {
    if (form.dataset.revision !== undefined) continue;
    for (const input of form.elements) {
      if (!input.name) continue;
      const value = fields[input.name] === "unlimited" ? "" : String(fields[input.name]);
      if (input.value !== value) input.value = value;
    }
  }
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === room.mode));
  }
  part("tuning").hidden = room.tuned === undefined;
  for (const button of document.querySelectorAll("[data-rate]")) {
    button.setAttribute("aria-pressed", String(button.dataset.rate === fields.rate));
  }
}

function clearForms() {
  for (const form of forms) delete form.dataset.revision;
}

/** What a form says that the room has not, as an order. */
function orderOf(form, room) {
  const fields = fieldsOf(room), order = {};
  for (const { name, value } of form.elements) {
    if (!name || value.trim() === (fields[name] === "unlimited" ? "" : String(fields[name]))) continue;
    if (name === "note" || name === "dropTheLine") order[name] = value;
    else if (name === "capacity" && value.trim() === "") order[name] = "unlimited";
    else if (name === "closesAt" && value === "") order[name] = "never";
    else if (name === "opensAt" || name === "closesAt") order[name] = value === "" ? value : new Date(value).toISOString();
    else order[name] = value.trim() === "" ? NaN : Number(value.trim().replace(",", "."));
  }
  return order;
}

/** Asks whether that is meant. */
function confirmed(title, effect, differences) {
  set(document.getElementById("question"), title);
  set(part("effect"), effect);
  part("differences").replaceChildren(...differences.map((text) => make("li", text)));
  dialog.returnValue = "no";
  dialog.showModal();
  // Browsers tell later that it was closed: perhaps when somebody was asked the next question already.
  answered(false);
  return new Promise((resolve) => answered = resolve);
}

let answered = () => {};
dialog.addEventListener("close", () => dialog.open || answered(dialog.returnValue === "yes"));

async function change(name, order, revision, title, effect, room) {
  const fields = fieldsOf(room);
  const differences = Object.entries(order).map(([field, value]) => {
    const before = field === "opensAt" || field === "closesAt" ? time(room[field]) : fieldText(field, fields[field]);
    return fieldNames[field] + ": " + (field === "dropTheLine" ? "" : before + " → ") + fieldText(field, value);
  });
  if (!(await confirmed(title, effect, differences))) return false;
  let answer;
  try {
    answer = await fetch(base + "/rooms/" + name, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ order, revision }), signal: AbortSignal.timeout(15000) });
  } catch {
    tell("The board cannot be reached. The change may not have been made: look at the room before you try again.", true);
    return false;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    tell(told.isRecorded ? "Changed. It is in force everywhere within two seconds." : "Changed, but the log could not be written.", !told.isRecorded);
    return true;
  }
  if (answer.status === 409) {
    const who = told.last ? told.last.by + " was faster" : "Somebody was faster";
    tell("Nothing was changed: " + who + ". Look at the room as it is now, and decide anew.", true);
    return true;
  }
  if (answer.status === 401) return location.reload();
  const errors = (told.errors || []).map(({ message }) => message).join(". ");
  tell("Nothing was changed. " + (errors || told.detail || "The board answered " + answer.status), true);
  return false;
}

const rateEffects = {
  tuned: "Every ten seconds it is raised or lowered a little, within its bounds, by how the application does.",
  held: "It stays as it is until it is handed back.",
};

const effects = {
  limits: ["Change the limits?", "Nobody who is inside is put out."],
  note: ["Change the note?", "Everybody who waits reads it within a minute."],
  times: ["Change the times?", "Who waits keeps the place. Pages follow within a minute."],
  drop: ["Drop the line?", "Everybody who waits loses the place and joins anew, at random. This cannot be undone. Who is inside stays."],
};

function listen(current, refresh) {
  const done = async (promise) => { if (await promise) { clearForms(); await refresh(); } };
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.addEventListener("click", () => {
      const view = current();
      if (!view || !view.room) return;
      const { mode } = button.dataset;
      void done(change(view.name, { mode }, view.room.revision, button.textContent + ": " + view.name + "?", modeEffects[mode], view.room));
    });
  }
  for (const button of document.querySelectorAll("[data-rate]")) {
    button.addEventListener("click", () => {
      const view = current();
      if (!view || !view.room) return;
      const { rate } = button.dataset;
      void done(change(view.name, { rate }, view.room.revision, button.textContent + "?", rateEffects[rate], view.room));
    });
  }
  for (const form of forms) {
    form.addEventListener("input", () => {
      const view = current();
      // What was seen when the writing began counts, whatever came since.
      if (form.dataset.revision === undefined && view && view.room) form.dataset.revision = view.room.revision;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const view = current();
      if (!view || !view.room) return;
      const order = orderOf(form, view.room);
      if (Object.keys(order).length === 0) return tell("There is nothing to change: the form says what the room has.", true);
      const wrong = Object.keys(order).find((name) => Number.isNaN(order[name]) || order[name] === "" && name !== "note");
      if (wrong) return tell(fieldNames[wrong] + ": write a " + (wrong === "opensAt" ? "time. To open now, press Open." : "number."), true);
      const [title, effect] = effects[form.dataset.order];
      const revision = Number(form.dataset.revision === undefined ? view.room.revision : form.dataset.revision);
      void done(change(view.name, order, revision, title, effect, view.room));
    });
  }
}
`;
