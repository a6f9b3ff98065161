/** How the page says times and what a room does. */
export const words: string = `
const modeNames = { "open": "open", "scheduled": "not open yet", "paused": "paused", "draining": "draining", "closed": "closed", "sold-out": "sold out", "bypass": "bypass" };
const modeEffects = {
  "open": "People are let in as the limits allow.",
  "paused": "Numbers are given. Nobody is let in, and nobody loses a place.",
  "draining": "No new numbers are given. Who has one is let in as usual.",
  "sold-out": "Nobody is let in and no numbers are given. Everybody is told that it is sold out. Who is inside stays to the end of the pass.",
  "closed": "Nobody is let in and no numbers are given. Everybody is told that the room is closed. Who is inside stays to the end of the pass.",
  "bypass": "Everybody is let in at once, without any limit, and is counted. Going back puts nobody out.",
};
const fieldNames = {
  mode: "What the room does", admitPerMinute: "Let in a minute", rate: "Rate", burstSeconds: "Saved up, in seconds", capacity: "Inside at once",
  sessionMinutes: "Minutes inside", returnMinutes: "Minutes to come back", note: "Note", opensAt: "Opens", closesAt: "Closes", dropTheLine: "Line",
};

const reasons = {
  "new": "follows the application", "few": "too few visitors to tell", "slow": "lowered: answers are slow", "errors": "lowered: errors",
  "used": "raised: all is well", "unused": "all is well", "held": "held by hand",
};

const time = (ms) => ms > 0 ? new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }) : "no time";

function duration(seconds) {
  if (seconds === undefined || seconds < 0) return "not known";
  if (seconds === 0) return "none";
  if (seconds < 90) return "about " + Math.max(1, Math.round(seconds)) + " s";
  if (seconds < 5400) return "about " + Math.round(seconds / 60) + " min";
  return "about " + number(seconds / 3600) + " h";
}

/** A field of an order, as a person reads it. */
function fieldText(name, value) {
  if (name === "mode") return modeNames[value] || String(value);
  if (name === "note") return value === "" ? "none" : "“" + value + "”";
  if (name === "rate") return value === "tuned" ? "follows the application" : "held by hand";
  if (name === "dropTheLine") return "dropped: everybody joins anew";
  if (name === "opensAt" || name === "closesAt") return value === "never" ? "never" : time(Date.parse(value));
  return typeof value === "number" ? number(value) : String(value);
}
`;
