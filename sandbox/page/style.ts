/** The page's style. Colours have a contrast of at least 4.5 in both schemes. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f5f0e8; --glow: #fffdf8; --card: #fffdf9; --ink: #241a1c; --muted: #675a57; --line: #e3d9cb;
  --velvet: #8f1d34; --velvet-fill: #9c2039; --brass: #b98a35; --brass-deep: #8a6420; --on-velvet: #fff;
  --shade: 0 1px 2px #4a2d1a12, 0 18px 48px -18px #4a2d1a33;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "Book Antiqua", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141012; --glow: #221a1d; --card: #1e181a; --ink: #f4ece3; --muted: #b9aba3; --line: #3a2f31;
    --velvet: #f398a8; --velvet-fill: #c23d59; --brass: #d3a650; --brass-deep: #a97f34; --on-velvet: #fff;
    --shade: 0 1px 2px #0006, 0 24px 60px -20px #000a;
  }
}
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body {
  min-height: 100vh; min-height: 100svh; display: flex; flex-direction: column; align-items: center;
  padding: clamp(1.25rem, 4vw, 2.5rem) clamp(1.125rem, 5vw, 3rem);
  background: radial-gradient(70rem 40rem at 50% -10rem, var(--glow), transparent) var(--paper);
  color: var(--ink); font: 400 1.0625rem/1.55 var(--sans);
}
header, main, footer { width: 100%; max-width: 42rem; }
header {
  display: flex; align-items: center; gap: .75rem; padding-bottom: clamp(1.5rem, 5vh, 3rem);
  font-weight: 600; letter-spacing: .01em; overflow-wrap: anywhere;
}
header::before { content: ""; flex: none; width: .625rem; height: .625rem; border-radius: 50%; background: var(--velvet-fill); }
header img { max-height: 2.5rem; width: auto; }
main { flex: 1; }
h1 {
  font: 500 clamp(2.125rem, 8vw, 3.25rem)/1.08 var(--serif); letter-spacing: -.018em; text-wrap: balance;
}
.lead { margin-top: .75rem; max-width: 34rem; color: var(--muted); font-size: 1.125rem; text-wrap: pretty; }
h2 { font: 600 .875rem/1.4 var(--sans); color: var(--muted); }
.ticket {
  display: grid; grid-template-columns: 1fr auto; align-items: end; gap: 0 2rem;
  margin-top: clamp(1.5rem, 4vh, 2.25rem); padding: clamp(1.25rem, 4vw, 2rem) clamp(1.25rem, 5vw, 2.25rem) clamp(1.5rem, 5vw, 2.25rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem; box-shadow: var(--shade);
}
.number {
  margin: .04em 0 .04em -.03em; color: var(--velvet); font: 400 clamp(5rem, 25vw, 8.25rem)/.95 var(--serif);
  font-variant-numeric: lining-nums tabular-nums; letter-spacing: -.035em; overflow-wrap: anywhere;
}
.wait { text-align: right; padding-bottom: .125rem; }
.wait p { font: 400 clamp(1.25rem, 4.4vw, 1.625rem)/1.25 var(--serif); }
.wait p::first-letter { text-transform: uppercase; }
.way { grid-column: 1 / -1; margin-top: clamp(1.25rem, 4vw, 1.75rem); }
.ropes { display: block; width: 100%; height: auto; overflow: visible; }
.rope { fill: none; stroke: var(--velvet-fill); stroke-width: 7; stroke-linecap: round; }
.post { fill: var(--brass); }
.post .collar { fill: var(--brass-deep); }
progress {
  -webkit-appearance: none; appearance: none; display: block; width: 100%; height: .625rem;
  border: 0; border-radius: 1rem; background: var(--line); overflow: hidden; color: var(--velvet-fill);
}
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--velvet-fill); border-radius: 1rem; transition: inline-size .9s cubic-bezier(.2,.7,.2,1); }
progress::-moz-progress-bar { background: var(--velvet-fill); border-radius: 1rem; }
.note { margin-top: 1.75rem; padding-left: 1.125rem; border-left: 3px solid var(--brass); }
.note p { margin-top: .125rem; white-space: pre-line; overflow-wrap: anywhere; }
.code { margin-top: 1.25rem; }
summary { width: fit-content; padding: .375rem 0; color: var(--velvet); font-weight: 600; cursor: pointer; }
form { margin-top: .625rem; }
label { display: block; font-size: .9375rem; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: .625rem; margin-top: .375rem; }
input:not([type=hidden]) {
  flex: 1 1 11rem; min-width: 0; min-height: 3rem; padding: 0 .875rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--muted); border-radius: .75rem;
}
input[aria-invalid] { border-color: var(--velvet); border-width: 2px; }
button, .button {
  display: inline-flex; align-items: center; min-height: 3rem; padding: 0 1.375rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-velvet); background: var(--velvet-fill); border: 0; border-radius: .75rem; text-decoration: none;
}
button:hover, .button:hover { filter: brightness(1.08); }
.button { margin-top: 1.75rem; }
.facts { margin-top: 1.25rem; }
.facts dl { margin-top: .5rem; padding: 1rem 1.125rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; font-size: .9375rem; }
.facts dl div { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: 0 1rem; padding: .25rem 0; }
.facts dt { color: var(--muted); }
.facts dd { overflow-wrap: anywhere; }
.footnote { margin-top: .25rem; overflow-wrap: anywhere; }
.error { margin-top: .5rem; color: var(--velvet); font-weight: 600; }
.lost, .reload { margin-top: 1.25rem; }
.lost { padding: .75rem 1rem; border: 1px solid var(--brass); border-radius: .75rem; }
a { color: var(--velvet); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--velvet); outline-offset: 3px; border-radius: .375rem; }
footer { margin-top: clamp(1.75rem, 4vh, 3rem); padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .9375rem; text-wrap: pretty; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  .ticket, .facts dl div { grid-template-columns: 1fr; }
  .wait { text-align: left; margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
}
@media (prefers-reduced-motion: no-preference) {
  .rope path { transform-box: fill-box; transform-origin: 50% 0; animation: sway 5s ease-in-out infinite alternate; }
  .rope path:nth-child(2) { animation-delay: -1.7s; }
  .rope path:nth-child(3) { animation-delay: -3.1s; }
  @keyframes sway { from { transform: scaleY(.93); } to { transform: scaleY(1.05); } }
}
@media (prefers-reduced-motion: reduce) { progress::-webkit-progress-value { transition: none; } }
@media (forced-colors: active) { progress { border: 1px solid; } .rope { stroke: CanvasText; } .post { fill: CanvasText; } }
`;
