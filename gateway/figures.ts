import type { OriginFault, ProxyEvent } from "./proxy/mod.ts";

/** What a gateway counts beside its gate. */
export interface Figures {
  readonly note: (event: ProxyEvent) => void;
  /** Writes them in Prometheus' text format. */
  readonly text: (now: { readonly isUp: boolean; readonly connections: number }) => string;
}

/** The upper bounds of the histogram of answers, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Makes the counters of a gateway. */
export function createFigures(): Figures {
  const faults: Record<OriginFault, number> = { unreachable: 0, timeout: 0, malformed: 0, unsent: 0 };
  const refused = new Map<number, number>();
  const buckets = bounds.map(() => 0);
  const all = { answered: 0, seconds: 0, broken: 0, retried: 0, tunnels: 0 };

  return {
    note(event) {
      switch (event.is) {
        case "answered": {
          all.answered++;
          all.seconds += event.ms / 1000;
          const at = bounds.findIndex((bound) => event.ms / 1000 <= bound);
          if (at !== -1) buckets[at] = (buckets[at] ?? 0) + 1;
          return;
        }
        case "failed":
          faults[event.fault]++;
          return;
        case "refused":
          refused.set(event.status, (refused.get(event.status) ?? 0) + 1);
          return;
        case "broken":
          all.broken++;
          return;
        case "retried":
          all.retried++;
          return;
        case "tunnel-opened":
          all.tunnels++;
          return;
        case "tunnel-closed":
          all.tunnels--;
      }
    },
    text({ isUp, connections }) {
      let below = 0;
      const histogram = bounds.map((bound, at) => {
        below += buckets[at] ?? 0;
        return `stanchion_gateway_origin_seconds_bucket{le="${bound}"} ${below}`;
      });
      return [
        ...head("origin_up", "gauge", "Whether the site answers"),
        `stanchion_gateway_origin_up ${Number(isUp)}`,
        ...head(
          "origin_failures_total",
          "counter",
          "Requests without an answer of the site, by what happened",
        ),
        ...Object.entries(faults).map(([fault, count]) =>
          `stanchion_gateway_origin_failures_total{fault="${fault}"} ${count}`
        ),
        ...head("origin_broken_total", "counter", "Answers of the site that broke off within their body"),
        `stanchion_gateway_origin_broken_total ${all.broken}`,
        ...head("origin_retries_total", "counter", "Requests that were sent again on a new connection"),
        `stanchion_gateway_origin_retries_total ${all.retried}`,
        ...head("origin_seconds", "histogram", "Time from a request to the head of the site's answer"),
        ...histogram,
        `stanchion_gateway_origin_seconds_bucket{le="+Inf"} ${all.answered}`,
        `stanchion_gateway_origin_seconds_sum ${all.seconds}`,
        `stanchion_gateway_origin_seconds_count ${all.answered}`,
        ...head("refused_total", "counter", "Requests that were refused as they came, by status"),
        ...[...refused].map(([status, count]) =>
          `stanchion_gateway_refused_total{status="${status}"} ${count}`
        ),
        ...head("connections", "gauge", "Connections of visitors"),
        `stanchion_gateway_connections ${connections}`,
        ...head("tunnels", "gauge", "Open WebSockets"),
        `stanchion_gateway_tunnels ${all.tunnels}`,
        "",
      ].join("\n");
    },
  };
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP stanchion_gateway_${name} ${help}.`, `# TYPE stanchion_gateway_${name} ${type}`];
}
