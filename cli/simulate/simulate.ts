import { type Outcome, type Scenario, scenarios } from "../../plugins/waiting-room/simulation/mod.ts";
import type { Host } from "../host.ts";
import { asJson, counted, plain } from "../print.ts";
import type { SimulateCommand } from "./command.ts";
import { numeral, printFigure, printSale } from "./print.ts";
import { simulateSale } from "./sale.ts";

/** How often it is said how far a simulation is, in milliseconds. */
const tellMs = 10_000;

/**
 * Runs `stanchion simulate`.
 *
 * @returns The exit code: 1 when something was not within its bounds.
 */
export function simulateCommand(command: SimulateCommand, host: Host): number {
  if (command.what === "scenario") {
    return command.scenario === "list" ? list(command, host) : tryScenarios(command, host);
  }
  const tell = progress(host, "");
  const sale = simulateSale(command.sale, command.seed, (minutes, most) => tell(minutes, most, "minutes"));
  host.out(command.json ? asJson(sale) : plain(printSale(sale)));
  return Object.values(sale.violations).some((count) => count > 0) ? 1 : 0;
}

/** Says now and then how far it is, beside the output: some take minutes. */
function progress(host: Host, name: string): (done: number, all: number, unit: string) => void {
  let toldAt = host.now();
  return (done, all, unit) => {
    const now = host.now();
    if (Math.abs(now - toldAt) < tellMs) return;
    toldAt = now;
    host.err(plain(`${name}${numeral(Math.floor(done))} of at most ${numeral(all)} ${unit} are simulated …`));
  };
}

function list({ json }: SimulateCommand, host: Host): number {
  const all = scenarios.map(({ name, rules, about }) => ({ name, rules, about }));
  const width = Math.max(...all.map(({ name }) => name.length));
  host.out(
    json
      ? asJson(all)
      : plain(all.map(({ name, rules, about }) => `${name.padEnd(width)}  ${about} (${rules})`).join("\n")),
  );
  return 0;
}

function tryScenarios(command: SimulateCommand & { readonly what: "scenario" }, host: Host): number {
  const { scenario, seed, isQuick, json } = command;
  const chosen = scenarios.filter(({ name }) => scenario === "all" || name === scenario);
  const results = chosen.map((each) => {
    const began = host.now();
    const outcome = each.run({ isQuick, seed, tell: progress(host, `${each.name}: `) });
    const seconds = (host.now() - began) / 1000;
    // Each as soon as it is known: all of them take minutes.
    if (!json) host.out(plain(printScenario(each, outcome, seconds, command)));
    return { scenario: each, outcome, seconds };
  });
  const failed = results.filter(({ outcome }) => outcome.figures.some(({ ok }) => !ok)).map(({ scenario }) =>
    scenario.name
  );
  if (json) {
    host.out(asJson({
      ok: failed.length === 0,
      scenarios: results.map(({ scenario: { name, rules, about }, outcome, seconds }) => ({
        name,
        rules,
        about,
        ok: !failed.includes(name),
        seconds,
        ...outcome,
      })),
    }));
  } else {
    host.out(plain(
      failed.length === 0
        ? `\n${counted(results.length, "scenario")}, all within their bounds`
        : `\n${counted(results.length, "scenario")}, FAILED: ${failed.join(", ")}`,
    ));
  }
  return failed.length === 0 ? 0 : 1;
}

function printScenario(
  { name, rules, about }: Scenario,
  { figures, events, wrong }: Outcome,
  seconds: number,
  { isQuick }: { readonly isQuick: boolean },
): string {
  const lines = [`${name} (${rules}): ${about}`, ...figures.map(printFigure)];
  if (wrong.length > 0) {
    lines.push(
      `  again:  ${
        wrong.slice(0, 5).map((seed) =>
          `stanchion simulate --scenario ${name} --seed ${seed}${isQuick ? " --quick" : ""}`
        )
          .join("; ")
      }`,
    );
  }
  lines.push(`  ${numeral(events)} events in ${numeral(seconds)} s`);
  return lines.join("\n");
}
