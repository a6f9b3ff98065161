/**
 * The charts of boards: what `draw(box, kinds, rows, seconds)` shows of rows, the oldest first. A row has `atMs`; a kind has a title, lines
 * (name, colour, width), and the values of a row, `null` where one is not known. It needs the library, and the words of boards;
 * `data-heading` of the box is the element of the titles where it is not `h4`.
 */
export const boardCharts: string = `
let plots = [];

const clock = (second, step) => new Date(second * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: step < 60 ? "2-digit" : undefined });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Shows the last seconds of the rows, or all of them. */
function draw(box, kinds, rows, seconds) {
  const last = rows.length ? rows[rows.length - 1].atMs : 0;
  const shown = rows.filter((row) => !seconds || row.atMs >= last - seconds * 1000);
  if (!plots.length) plots = kinds.map((kind) => plot(box, kind));
  plots.forEach(({ chart, box, kind }) => {
    const columns = [shown.map((row) => row.atMs / 1000), ...kind.lines.map((_, line) => shown.map((row) => kind.of(row)[line]))];
    // Of a single moment the library would show days.
    if (shown.length === 1) columns.forEach((column, at) => column.unshift(at ? null : column[0] - 60));
    chart.setData(columns);
    // Whoever points nowhere reads what is known now.
    if (chart.cursor.idx === null || chart.cursor.idx === undefined) chart.setLegend({ idx: columns[0].length - 1 });
    const latest = shown.length ? kind.of(shown[shown.length - 1]) : [];
    box.setAttribute("aria-label", kind.title + ". Now: " + kind.lines.map(([name], line) => name + " " + number(latest[line])).join(", "));
  });
}

function plot(parent, kind) {
  const outer = make("div", undefined, "chart");
  const box = make("div");
  box.setAttribute("role", "img");
  outer.append(make(parent.dataset.heading || "h4", kind.title), box);
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
      value: (_, value) => number(value),
    }))],
  }, [[], ...kind.lines.map(() => [])], box);
  new ResizeObserver(() => chart.setSize({ width: Math.max(200, outer.clientWidth - 16), height: 180 })).observe(outer);
  return { chart, box, kind };
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.forEach(({ chart }) => chart.redraw()));
`;
