import { ENDPOINTS } from "../faults.ts";

/** The kinds of faults that need nothing but their names, and what a delay is by the switch. */
const faults: readonly (readonly [value: object, name: string])[] = [
  [{ kind: "timeout" }, "does not answer"],
  [{ kind: "delay", ms: 3000 }, "answers 3 s late"],
  [{ kind: "500" }, "answers 500"],
  [{ kind: "429" }, "answers 429"],
  [{ kind: "401" }, "answers 401"],
  [{ kind: "reset" }, "breaks the connection"],
  [{ kind: "html" }, "answers with a page"],
  [{ kind: "empty" }, "answers with nothing"],
  [{ kind: "truncated" }, "stops in the middle"],
  [{ kind: "drip" }, "answers byte by byte"],
];

const choices = faults.map(([value, name]) =>
  `<option value="${JSON.stringify(value).replaceAll('"', "&quot;")}">${name}</option>`
).join("");

const switches = ENDPOINTS.map((endpoint) =>
  `<label>${endpoint}<select data-fault="${endpoint}"><option value="">works</option>${choices}</select></label>`
).join("\n");

const table = (id: string, label: string, columns: readonly string[], look = "wide") =>
  `<div class="${look}" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${
    columns.map((column) => `<th scope="col">${column}</th>`).join("")
  }</tr></thead><tbody id="${id}"></tbody></table></div>`;

/** The page. Its script fills it. */
export const html: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>Sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sandbox/board.css">
<script src="/sandbox/chart.js" defer></script>
<script src="/sandbox/board.js" defer></script>
</head>
<body>
<header>
<h1>Sandbox: a stand-in for CrowdHandler and Queue-it</h1>
<p id="live" role="status">Reading the rooms.</p>
</header>
<main>
<noscript><p class="verdict bad">The board needs JavaScript.</p></noscript>
<p data-part="result" role="alert"></p>
<h2>Rooms</h2>
${table("rooms", "Rooms", ["Service", "Room", "State", "In line", "Inside", "Let in a minute", "Change"])}
<p class="modes"><button id="promote">Let everybody in</button></p>
<dl class="figures"><div><dt>Visitors of CrowdHandler</dt><dd id="visitors"></dd></div><div><dt>Visitors of Queue-it</dt><dd id="queue-visitors"></dd></div><div><dt>Calls that are shown</dt><dd id="count"></dd></div></dl>
<h2>The last ten minutes</h2>
<div class="charts" data-part="charts" data-heading="h3"></div>
<h2>What the gate decides</h2>
<p class="note" data-part="hint">No gate has told anything yet. Give yours <code>decisionLog({ write: tellSandbox("<span data-part="address">http://127.0.0.1:4000</span>") })</code>, or in the same process <code>decisionLog({ write: sandbox.noteDecision })</code>.</p>
${
  table("decisions", "Decisions, the latest first", [
    "When",
    "Decided",
    "Page",
    "Why",
    "Room",
    "Answered",
    "Took",
    "Fault",
  ], "wide long")
}
<section class="controls" aria-labelledby="faults">
<h2 id="faults">Faults</h2>
<p class="note">What goes wrong on purpose, until it is switched off.</p>
<form>
${switches}
</form>
<p class="modes"><button id="heal">Switch all faults off</button></p>
</section>
<h2>What the services are asked</h2>
${table("calls", "Calls, the latest first", ["When", "Endpoint", "Asked", "Answered", "Fault"], "wide long")}
</main>
</body>
</html>
`;
