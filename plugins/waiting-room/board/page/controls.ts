/**
 * What changes a room. Everything is asked once more before it is done, and says which revision it was decided on: the one that was
 * shown. A form changes only what somebody wrote in it.
 */
export const controls: string = `
const base = document.querySelector("main").dataset.path;
const dialog = document.getElementById("confirm");
const forms = [...document.querySelectorAll(".controls form")];
/** A revision that no room has: whoever decides by it is told that it is another one. */
const never = Number.MAX_SAFE_INTEGER;
/** The room that the forms show, and its revision. */
let shown = { revision: never };
/** What whoever writes in a form had seen when the writing began: a room and its revision. */
const begun = new Map();
/** What one's own changes made of which revision, by the name of a room and the revision. */
const steps = new Map();
/** How many changes have yet to be answered. */
let underWay = 0;

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

/** A field as its input has it. */
const textOf = (value) => value === undefined || value === "unlimited" ? "" : String(value);
const inputsOf = (form) => [...form.elements].filter(({ name }) => name);
const isWritten = (input) => input.value !== (input.dataset.shown ?? input.defaultValue);
const hasWritten = (form) => inputsOf(form).some(isWritten);

/** One's own change is no reason to decide anew: who has seen the room before it has seen it behind it. */
function latest(basis) {
  for (let now; (now = steps.get(basis.name + " " + basis.revision)) !== undefined;) basis.revision = now;
  return basis;
}

/** A room that counts its revisions anew, as its store lost what it knew: what was decided before is decided anew. */
function startOver(name) {
  for (const step of [...steps.keys()]) if (step.startsWith(name + " ")) steps.delete(step);
  for (const basis of begun.values()) if (basis.name === name) basis.revision = never;
}

/** What nobody has written in shows what the room has. Whoever may only look has no forms. */
function showForms({ name, room }) {
  const isOther = shown.name !== name;
  if (forms.length === 0 || !room && !isOther) return;
  shown = { name, revision: room ? room.revision : never };
  const fields = room ? fieldsOf(room) : {};
  for (const form of forms) {
    for (const input of inputsOf(form)) {
      if (isWritten(input) && !isOther) continue;
      const value = textOf(fields[input.name]);
      if (input.value !== value) input.value = value;
      // Browsers write some values otherwise.
      input.dataset.shown = input.value;
    }
    if (!hasWritten(form)) begun.delete(form);
  }
  if (!room) return;
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === room.mode));
  }
  part("tuning").hidden = room.tuned === undefined;
  for (const button of document.querySelectorAll("[data-rate]")) {
    button.setAttribute("aria-pressed", String(button.dataset.rate === fields.rate));
  }
}

/** NaN for what is none, as keyboards make of some years. */
function timeOf(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? NaN : date.toISOString();
}

/** With a point or a comma before its fraction. Three digits behind it may be thousands: nobody knows. */
function numberOf(text) {
  return text === "" || /^[1-9]\\d{0,2}(?:[.,]\\d{3})+$/.test(text) ? NaN : Number(text.replace(",", "."));
}

/** What somebody wrote that the room has not, as an order. */
function orderOf(written, room) {
  const fields = fieldsOf(room), order = {};
  for (const { name, value } of written) {
    // A rate that follows the application is held by whoever wrote what it has become meanwhile.
    const follows = name === "admitPerMinute" && room.tuned && fields.rate === "tuned";
    if (value.trim() === textOf(fields[name]) && !follows) continue;
    if (name === "note" || name === "dropTheLine") order[name] = value;
    else if (name === "capacity" && value.trim() === "") order[name] = "unlimited";
    else if (name === "closesAt" && value === "") order[name] = "never";
    else if (name === "opensAt" || name === "closesAt") order[name] = value === "" ? value : timeOf(value);
    else order[name] = numberOf(value.trim());
  }
  return order;
}

/** Asks whether that is meant. */
function confirmed(title, effect, differences) {
  // Browsers tell later that it was closed: perhaps when somebody is asked the next question already.
  answered(dialog.returnValue === "yes");
  set(document.getElementById("question"), title);
  set(part("effect"), effect);
  part("differences").replaceChildren(...differences.map((text) => make("li", text)));
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => answered = resolve);
}

let answered = () => {};
dialog.addEventListener("close", () => dialog.open || answered(dialog.returnValue === "yes"));

/** Asks whether an order is meant. */
function isMeant({ name, room }, order, title, effect) {
  const fields = fieldsOf(room);
  const differences = Object.entries(order).map(([field, value]) => {
    const before = field === "opensAt" || field === "closesAt" ? time(room[field]) : fieldText(field, fields[field]);
    return fieldNames[field] + ": " + (field === "dropTheLine" ? "" : before + " → ") + fieldText(field, value);
  });
  // It opens by that.
  if (room.mode === "closed" && Date.parse(order.opensAt) > room.now) {
    differences.push(fieldNames.mode + ": " + fieldText("mode", "closed") + " → " + fieldText("mode", "scheduled"));
  }
  return confirmed(title + ": " + name + "?", effect, differences);
}

/** Sends an order, and once more where it came behind another change of one's own that this page was told of later. */
async function send(order, basis) {
  for (;;) {
    const { name, revision } = latest(basis);
    const answer = await fetch(base + "/rooms/" + name, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ order, revision }), signal: AbortSignal.timeout(15000) });
    if (answer.status !== 409) return answer;
    for (let waited = 0; latest(basis).revision === revision && underWay > 1 && waited < 30; waited++) await new Promise((resolve) => setTimeout(resolve, 100));
    if (latest(basis).revision === revision) return answer;
  }
}

/** Changes a room; gives what the board said, where what was decided is over with. */
async function change(order, basis, isKept) {
  const say = (text, isBad) => tell((shown.name === basis.name ? "" : basis.name + ": ") + text, isBad);
  let answer, told;
  try {
    answer = await send(order, basis);
    told = await answer.json().catch(() => undefined) || {};
  } catch {
    return say("The board cannot be reached. The change may not have been made: look at the room before you try again.", true);
  }
  if (answer.ok) {
    // Somebody else answers in its place, such as a sign-in in front of it.
    if (told.is !== "changed") return say("Something else than the board answered. The change may not have been made: load the page anew, and look at the room before you try again.", true);
    say(told.isRecorded ? "Changed. It is in force everywhere within two seconds." : "Changed, but the log could not be written.", !told.isRecorded);
    return told;
  }
  if (told.is === "conflict") {
    const who = told.last ? told.last.by + " was faster" : "Somebody was faster";
    const rest = isKept() && !order.dropTheLine ? ": what you wrote is still there." : ".";
    say("Nothing was changed: " + who + ". Look at the room as it is now, and decide anew" + rest, true);
    return told;
  }
  if (answer.status === 401) askWho();
  const errors = (told.errors || []).map(({ message }) => message).join(". ");
  const isKnown = answer.status < 500;
  say((isKnown ? "Nothing was changed. " : "The change may have been made: look at the room before you try again. ") + (errors || told.detail || "The board answered " + answer.status), true);
}

const rateEffects = {
  tuned: "Every ten seconds it is raised or lowered a little, within its bounds, by how the application does.",
  held: "It stays as it is until it is handed back.",
};

const effects = {
  limits: ["Change the limits", "Nobody who is inside is put out."],
  note: ["Change the note", "Everybody who waits reads it within a minute."],
  times: ["Change the times", "Who waits keeps the place. Pages follow within a minute."],
  drop: ["Drop the line", "Everybody who waits loses the place and joins anew, at random. This cannot be undone. Who is inside stays."],
};

/** A change that was made is over with. What was written on meanwhile stays, and what was refused, to be decided anew; words that drop the line count once. */
function settle(form, sent, isChanged) {
  for (const [input, value] of sent) {
    const isDrop = input.name === "dropTheLine";
    if (isDrop && input.value === value) input.value = "";
    if (isDrop || isChanged) input.dataset.shown = isDrop ? "" : value;
  }
  // What is decided next is decided by what is shown then, although the room is yet to be read.
  if (!isChanged || !hasWritten(form)) begun.delete(form);
}

function listen(current, refresh) {
  async function decide(view, order, title, effect, form) {
    const writing = form && begun.get(form);
    const sent = form ? inputsOf(form).filter(isWritten).map((input) => [input, input.value]) : [];
    const basis = { ...(writing || shown) };
    if (!(await isMeant(view, order, title, effect))) return;
    underWay++;
    // Another room may be chosen meanwhile.
    const isKept = () => writing && begun.get(form) === writing;
    const told = await change(order, basis, isKept).finally(() => underWay--);
    if (!told) return;
    if (isKept()) settle(form, sent, told.is === "changed");
    if (told.is === "changed") steps.set(basis.name + " " + basis.revision, told.revision);
    void refresh();
  }

  /** The room that is shown, where what it is like is known. */
  function known() {
    const view = current();
    if (view && view.room) return view;
    tell("Nobody knows yet what the room is like: its store has not answered.", true);
  }

  const onClick = (selector, wanted) => {
    for (const button of document.querySelectorAll(selector)) {
      button.addEventListener("click", () => {
        const view = known();
        if (!view) return;
        const [order, effect] = wanted(button.dataset);
        void decide(view, order, button.textContent, effect);
      });
    }
  };
  onClick("[data-mode]", ({ mode }) => [{ mode }, modeEffects[mode]]);
  onClick("[data-rate]", ({ rate }) => [{ rate }, rateEffects[rate]]);
  for (const form of forms) {
    form.addEventListener("input", () => {
      // What was seen when the writing began counts, whatever came since.
      if (!begun.has(form)) begun.set(form, { ...shown });
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const view = known();
      if (!view) return;
      if (!begun.has(form)) begun.set(form, { ...shown });
      const order = orderOf(inputsOf(form).filter(isWritten), view.room);
      if (Object.keys(order).length === 0) return tell("There is nothing to change: the form says what the room has.", true);
      const wrong = Object.keys(order).find((name) => Number.isNaN(order[name]) || order[name] === "" && name !== "note");
      if (wrong) return tell(fieldNames[wrong] + ": write a " + (wrong === "opensAt" ? "time. To open now, press Open." : wrong === "closesAt" ? "time." : "number, such as 1200 or 12.5."), true);
      const [title, effect] = effects[form.dataset.order];
      void decide(view, order, title, effect, form);
    });
  }
}
`;
