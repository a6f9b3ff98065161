/** The charts of a room: how many are let in, how many are there, and how fast the store is. */
export const charts: string = `
const kinds = [
  { title: "Let in a minute", lines: [["let in", "--one", 2], ["limit", "--four", 1]], of: (row) => [row.perMinute, row.admitPerMinute] },
  { title: "People", lines: [["present", "--one", 2], ["far, an estimate", "--two", 2], ["inside", "--three", 2], ["may be inside", "--four", 1]], of: (row) => [row.present, row.far, row.inside, row.capacity] },
  { title: "Lost and given back a minute", lines: [["lapsed", "--four", 2], ["left", "--two", 2]], of: (row) => [row.lapsedPerMinute, row.leftPerMinute] },
  { title: "Store, in ms", lines: [["answers in", "--one", 2]], of: (row) => [row.storeLatencyMs] },
];
let plots = [];

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

const clock = (second, step) => new Date(second * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: step < 60 ? "2-digit" : undefined });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(rows) {
  const box = part("charts");
  const seconds = Number(document.getElementById("span").value);
  const last = rows.length ? rows[rows.length - 1].atMs : 0;
  const shown = rows.filter((row) => !seconds || row.atMs >= last - seconds * 1000);
  if (!plots.length) plots = kinds.map((kind) => plot(box, kind));
  plots.forEach(({ chart, box, kind }) => {
    const columns = kind.lines.map((_, line) => shown.map((row) => kind.of(row)[line]));
    chart.setData([shown.map((row) => row.atMs / 1000), ...columns]);
    // Whoever points nowhere reads what is known now.
    if (chart.cursor.idx === null || chart.cursor.idx === undefined) chart.setLegend({ idx: shown.length - 1 });
    const latest = shown.length ? kind.of(shown[shown.length - 1]) : [];
    box.setAttribute("aria-label", kind.title + ". Now: " + kind.lines.map(([name], line) => name + " " + number(latest[line] === null ? undefined : latest[line])).join(", "));
  });
}

function plot(parent, kind) {
  const outer = make("div", undefined, "chart");
  const box = make("div");
  box.setAttribute("role", "img");
  outer.append(make("h4", kind.title), box);
  parent.append(outer);
  const axis = { stroke: () => colour("--soft"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { stroke: () => colour("--line"), width: 1 } };
  const chart = new uPlot({
    width: Math.max(200, outer.clientWidth - 16),
    height: 180,
    cursor: { drag: { x: false, y: false } },
    // A minute at least: of less, the axis would have no hours.
    scales: { x: { range: (_, first, last) => last === null ? [Date.now() / 1000 - 60, Date.now() / 1000] : [Math.min(first, last - 60), last] }, y: { range: (_, least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [{ ...axis, space: 100, values: (_, at, __, ___, step) => at.map((second) => clock(second, step)) }, { ...axis, size: 56 }],
    series: [{ label: "at", value: (_, second) => second ? clock(second, 1) : "" }, ...kind.lines.map(([label, name, width]) => ({
      label, width, stroke: () => colour(name), dash: width === 1 ? [6, 4] : undefined, points: { show: false },
      value: (_, value) => number(value === null ? undefined : value),
    }))],
  }, [[], ...kind.lines.map(() => [])], box);
  new ResizeObserver(() => chart.setSize({ width: Math.max(200, outer.clientWidth - 16), height: 180 })).observe(outer);
  return { chart, box, kind };
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.forEach(({ chart }) => chart.redraw()));
`;
