/** A line to watch: the machine of the waiting room in a worker, and what one changes in it. */

import { labelled, make } from "../playground/dom.ts";
import { createCharts } from "./charts.ts";
import type { Film } from "./film.ts";
import { type Change, durationMs, type Plan, type Settings, surge } from "./settings.ts";

const usual: Settings = { rate: 120, capacity: 600, arrivals: 200 };
const lastSecond = durationMs / 1000;

/** Puts the simulation into an element, and returns what ends it. */
export function mountSimulation(root: HTMLElement): () => void {
  const controls: Readonly<Record<keyof Settings | "stays", Slider>> = {
    rate: slider("Let in a minute", { min: 0, max: 600, step: 10, value: usual.rate }, changed),
    capacity: slider("Fit in at once", { min: 20, max: 2000, step: 20, value: usual.capacity }, changed),
    arrivals: slider("Come a minute", { min: 30, max: 1200, step: 10, value: usual.arrivals }, changed),
    stays: slider("Still there at their turn, in percent", { min: 10, max: 100, step: 5, value: 70 }, begin),
  };
  const play = button("Pause", () => setPlaying(!isPlaying));
  const speed = make(
    "select",
    { name: "speed" },
    ...[10, 60, 240].map((factor) =>
      make(
        "option",
        { value: String(factor), ...(factor === 60 && { selected: "" }) },
        `${factor} times as fast`,
      )
    ),
  );
  const join = button("Stand in line", follow);
  const [state, you] = [make("p", { role: "status", class: "state" }), make("p", { class: "you" })];
  const values = Object.fromEntries(
    ["time", "waiting", "inside", "admitted", "left", "overtaken", "broken"].map((
      name,
    ) => [name, make("dd", { "data-figure": name })]),
  );
  const chartRoot = make("div", {
    class: "charts",
    role: "img",
    "aria-label": "How many wait and are inside, and who was let in when",
  });
  root.replaceChildren(
    make("div", { class: "sliders" }, ...Object.values(controls).map(({ element }) => element)),
    make(
      "div",
      { class: "row" },
      play,
      button("Begin anew", begin),
      button(`A surge: ${surge.toLocaleString("en")} more within a minute`, rush),
      join,
      labelled("Pace", speed),
    ),
    state,
    make("dl", { class: "figures" }, ...figureRows(values)),
    you,
    chartRoot,
  );
  const charts = createCharts(chartRoot);

  let worker: Worker | undefined;
  let film: Film | undefined;
  let plan = planOf(1);
  let second = 0;
  let isPlaying = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let followed:
    | { readonly number: number; readonly since: number; readonly saidMs: number | undefined }
    | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;
  const clock = setInterval(tick, 100);
  setPlaying(isPlaying);
  begin();
  return () => {
    clearInterval(clock);
    clearTimeout(later);
    worker?.terminate();
    charts.end();
  };

  function settings(): Settings {
    const { rate, capacity, arrivals } = controls;
    return { rate: rate.value, capacity: capacity.value, arrivals: arrivals.value };
  }

  function planOf(seed: number): Plan {
    return { seed, stays: controls.stays.value, changes: [{ ...settings(), atMs: 0 }], surges: [] };
  }

  function begin(): void {
    second = 0;
    followed = undefined;
    plan = planOf(1 + Math.floor(Math.random() * 1e6));
    run();
  }

  /** From now on it is otherwise; what was until now stays as it was. */
  function changed(): void {
    clearTimeout(later);
    later = setTimeout(() => {
      const change: Change = { ...settings(), atMs: second * 1000 };
      const before = plan.changes.filter(({ atMs }) => atMs < change.atMs);
      // Only the first of all is at 0, and then nothing is before the change.
      plan = { ...plan, changes: [...before, change] as unknown as Plan["changes"] };
      run();
    }, 150);
  }

  function rush(): void {
    plan = { ...plan, surges: [...plan.surges, second * 1000] };
    run();
  }

  function run(): void {
    worker?.terminate();
    film = undefined;
    state.textContent = "It is being computed …";
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Film>) => {
      film = data;
      state.textContent = "";
      show();
    });
    worker.addEventListener(
      "error",
      ({ message }) => state.textContent = `It could not be computed: ${message}`,
    );
    worker.postMessage(plan);
  }

  function follow(): void {
    if (film === undefined) return;
    const at = Math.max(0, second - 1);
    const number = (film.issued[at] ?? 0) + 1;
    followed = { number, since: second, saidMs: leftMs(film, at, number) };
    show();
  }

  function setPlaying(on: boolean): void {
    isPlaying = on;
    play.textContent = on ? "Pause" : "Go on";
  }

  function tick(): void {
    if (!isPlaying || film === undefined || document.hidden || second >= lastSecond) return;
    second = Math.min(lastSecond, second + Number(speed.value) / 10);
    show();
  }

  function show(): void {
    if (film === undefined) return;
    const at = Math.min(film.waiting.length, Math.floor(second)) - 1;
    const tell = (name: string, text: string) => values[name]?.replaceChildren(text);
    const numeral = (list: readonly number[]) => (list[at] ?? 0).toLocaleString("en");
    tell("time", `${Math.floor(second / 60)} min ${Math.floor(second % 60)} s`);
    for (const name of ["waiting", "inside", "admitted"] as const) tell(name, numeral(film[name]));
    tell("left", inWords(leftMs(film, at, (film.issued[at] ?? 0) + 1)));
    tell("overtaken", `${film.overtaken.toFixed(1)} s`);
    tell("broken", String(film.broken));
    you.textContent = followed === undefined ? "" : aboutYou(film, at, followed);
    charts.show(film, at + 1, followed?.number);
  }
}

interface Slider {
  readonly element: HTMLElement;
  readonly value: number;
}

function slider(
  words: string,
  { min, max, step, value }: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly value: number;
  },
  changed: () => void,
): Slider {
  const output = make("strong", {}, String(value));
  const input = make("input", {
    ...{ type: "range", min: String(min), max: String(max), step: String(step), value: String(value) },
    oninput: () => void (output.textContent = input.value),
    onchange: changed,
  });
  return {
    element: make("label", {}, make("span", {}, `${words}: `, output), input),
    get value() {
      return Number(input.value);
    },
  };
}

function figureRows(values: Readonly<Record<string, HTMLElement>>): readonly HTMLElement[] {
  const words: Readonly<Record<string, string>> = {
    time: "Time",
    waiting: "In line",
    inside: "Inside",
    admitted: "Let in within a minute",
    left: "Told to who comes now",
    overtaken: "99 of 100 overtaken by at most",
    broken: "Promises broken",
  };
  return Object.entries(values).map(([name, value]) =>
    make("div", {}, make("dt", {}, words[name] ?? name), value)
  );
}

/** What the page of a number would say is left. */
function leftMs({ passed, speed }: Film, at: number, number: number): number | undefined {
  const pace = speed[at] ?? 0;
  return pace > 0 ? Math.max(0, number - (passed[at] ?? 0)) / pace * 1000 : undefined;
}

function aboutYou(
  film: Film,
  at: number,
  { number, since, saidMs }: {
    readonly number: number;
    readonly since: number;
    readonly saidMs: number | undefined;
  },
): string {
  const cameAt = film.passed.findIndex((passed, second) => second >= since && passed >= number);
  if (cameAt >= 0 && cameAt <= at) {
    return `You, with number ${number}: it was your turn after ${inWords((cameAt - since) * 1000)}; ` +
      `${inWords(saidMs)} was said when you came.`;
  }
  const place = Math.max(1, number - (film.passed[at] ?? 0));
  return `You, with number ${number}: place ${place.toLocaleString("en")}, ${
    inWords(leftMs(film, at, number))
  } left.`;
}

function inWords(ms: number | undefined): string {
  if (ms === undefined) return "a time that nobody knows";
  const minutes = Math.floor(ms / 60_000);
  return minutes === 0 ? `${Math.ceil(ms / 1000)} s` : `${minutes} min ${Math.round(ms % 60_000 / 1000)} s`;
}

function button(words: string, onclick: () => void): HTMLButtonElement {
  return make("button", { type: "button", onclick }, words);
}
