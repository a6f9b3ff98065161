import { html } from "hono/html";
import type { Html } from "../page/render.ts";
import type { TokenReport } from "./token.ts";

const MAX_CHARS = 500;

/** What the developer of the site wants to know, folded away from visitors. It is in English on every page. */
export function renderDetails(facts: Readonly<Record<string, string | undefined>>): Html {
  const shown = Object.entries(facts).filter(([, value]) => value !== undefined && value !== "");
  return html`
    <details class="details" lang="en">
      <summary>Details for developers</summary>
      <dl>${shown.map(([name, value]) =>
        html`
          <div>
            <dt>${name}</dt>
            <dd>${value?.slice(0, MAX_CHARS)}</dd>
          </div>
        `
      )}</dl>
    </details>
  `;
}

/** Says in words what a token is, as far as the sandbox can tell. */
export function tokenFacts(report: TokenReport, now: number): Readonly<Record<string, string | undefined>> {
  const { expiresAt } = report;
  const late = expiresAt === undefined ? 0 : Math.floor(now / 1000) - expiresAt;
  return {
    "Token’s signature": report.signature === "valid"
      ? "valid with the sandbox’s secret key"
      : "wrong: the token was changed, or comes from another secret key",
    "Token’s event": report.eventId,
    "Token’s queue ID": report.queueId,
    "Token’s type": report.redirectType,
    "Token’s time": expiresAt === undefined
      ? "none"
      : late > 0
      ? `ran out ${late} s ago by the sandbox’s clock`
      : `good for ${-late} s by the sandbox’s clock`,
  };
}
