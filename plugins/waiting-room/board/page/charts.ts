/** The charts of a room: how many are let in, how many are there, and how fast the store is. */
export const charts: string = `
const kinds = [
  { title: "Let in a minute", lines: [["let in", "--one", 2], ["limit", "--four", 1]], of: (row) => [row.perMinute, row.admitPerMinute] },
  { title: "People", lines: [["present", "--one", 2], ["far, an estimate", "--two", 2], ["inside", "--three", 2], ["may be inside", "--four", 1]], of: (row) => [row.present, row.far, row.inside, row.capacity] },
  { title: "Lost and given back a minute", lines: [["lapsed", "--four", 2], ["left", "--two", 2]], of: (row) => [row.lapsedPerMinute, row.leftPerMinute] },
  { title: "Store, in ms", lines: [["answers in", "--one", 2]], of: (row) => [row.storeLatencyMs] },
];

/** A difference in time, where both are known and nothing was lost. */
function perMinute(row, before, name) {
  if (!before || row[name] === null || before[name] === null || row[name] < before[name]) return null;
  return (row[name] - before[name]) / (row.atMs - before.atMs) * 60000;
}

/** Rows of the points that the board keeps, and of what is known now. What is not known is a gap. */
function rowsOf(past, now) {
  const rows = [];
  const add = (point) => {
    const row = {};
    past.names.forEach((name, at) => { const value = point[at]; row[name] = value === undefined || value < 0 ? null : value; });
    const before = rows[rows.length - 1];
    if (before && row.atMs <= before.atMs) return;
    row.perMinute = perMinute(row, before, "admitted");
    row.lapsedPerMinute = perMinute(row, before, "lapsed");
    row.leftPerMinute = perMinute(row, before, "left");
    rows.push(row);
  };
  past.points.forEach(add);
  // Too short a time tells nothing of a speed.
  const last = rows[rows.length - 1];
  if (now && (!last || now[0] - last.atMs >= 4000)) add(now);
  return rows;
}
`;
