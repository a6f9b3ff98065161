/** The charts of the simulation, as the board has them. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { durationMs } from "./settings.ts";
import type { Film } from "./film.ts";

/** The charts. */
export interface Charts {
  /** Shows a film up to a second, and the number of somebody who is followed. */
  show(film: Film, second: number, followed: number | undefined): void;
  end(): void;
}

const minutes = durationMs / 60_000;

/** Makes the charts within an element. */
export function createCharts(root: HTMLElement): Charts {
  const colour = (name: string) => getComputedStyle(root).getPropertyValue(name).trim();
  const axis = (label: string) => ({
    label,
    stroke: () => colour("--vp-c-text-1"),
    grid: { stroke: () => colour("--vp-c-divider") },
    ticks: { stroke: () => colour("--vp-c-divider") },
  });
  const line = (label: string, name: string) => ({
    label,
    stroke: () => colour(name),
    width: 2,
    points: { show: false },
  });
  const dots = (label: string, name: string) => ({
    label,
    stroke: () => colour(name),
    paths: () => null,
    points: { show: true, size: 4, width: 1, fill: () => colour(name) },
  });
  const common = { width: width(), height: 260, legend: { live: false }, cursor: { show: false } };
  const people = new uPlot(
    {
      ...common,
      title: "People",
      scales: { x: { time: false, range: [0, minutes] } },
      axes: [axis("minutes"), axis("people")],
      series: [
        {},
        line("in line", "--line-waiting"),
        line("inside", "--line-inside"),
        line("let in within a minute", "--line-rate"),
      ],
    },
    [[], [], [], []],
    root,
  );
  const order = new uPlot(
    {
      ...common,
      title: "Fairness: who was let in when",
      scales: { x: { time: false }, y: { range: [0, minutes] } },
      axes: [axis("number in line"), axis("let in at minute")],
      series: [
        {},
        dots("there all the time", "--line-waiting"),
        dots("with a hidden page or a sleeping device", "--line-rate"),
        dots("you", "--line-you"),
      ],
    },
    [[], [], [], []],
    root,
  );

  function width(): number {
    return Math.max(280, root.clientWidth);
  }

  const observer = new ResizeObserver(() => {
    for (const chart of [people, order]) chart.setSize({ width: width(), height: common.height });
  });
  observer.observe(root);
  const scheme = new MutationObserver(() => [people, order].forEach((chart) => chart.redraw(false)));
  scheme.observe(document.documentElement, { attributeFilter: ["class"] });

  return {
    show(film, second, followed) {
      const upTo = (values: readonly number[]) => values.slice(0, second);
      people.setData([
        Array.from({ length: second }, (_, at) => (at + 1) / 60),
        upTo(film.waiting),
        upTo(film.inside),
        upTo(film.admitted),
      ]);
      const guests = film.guests.filter(({ minute }) => minute * 60 <= second);
      const shown = guests.filter((_, at) =>
        at % Math.ceil(guests.length / 1500) === 0 || guests[at]?.number === followed
      );
      const those = (belongs: (guest: Film["guests"][number]) => boolean) =>
        shown.map((guest) => belongs(guest) ? guest.minute : null);
      order.setData([
        shown.map(({ number }) => number),
        those(({ isAwake, number }) => isAwake && number !== followed),
        those(({ isAwake, number }) => !isAwake && number !== followed),
        those(({ number }) => number === followed),
      ]);
    },
    end() {
      observer.disconnect();
      scheme.disconnect();
      people.destroy();
      order.destroy();
    },
  };
}
