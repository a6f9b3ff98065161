/**
 * How the shop of the demo looks: its style, and the posters of its concerts.
 *
 * @module
 */

import { html } from "hono/html";

/** Names a poster. */
export type Motif = "strings" | "choir" | "organ";

/**
 * Draws a poster.
 *
 * @param motif What is on it.
 * @returns An SVG, which says nothing to those who do not see it.
 */
export function posterOf(motif: Motif) {
  return html`<svg class="poster ${motif}" viewBox="0 0 300 200" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <rect width="300" height="200"/>${shapes[motif]}</svg>`;
}

const shapes = {
  strings: html`
    <circle cx="230" cy="52" r="26" class="light" />
    <path
      d="M0 150 C60 110 110 180 170 140 S270 120 300 150 M0 162 C60 122 110 192 170 152 S270 132 300 162 M0 174 C60 134 110 204 170 164 S270 144 300 174 M0 186 C60 146 110 216 170 176 S270 156 300 186"
      class="line" />
    <path d="M92 40 l0 92 M84 132 a15 11 0 1 0 16 0" class="line" />
  `,
  choir: html`
    <path
      d="M20 200 a26 40 0 0 1 52 0 M70 200 a26 48 0 0 1 52 0 M124 200 a26 54 0 0 1 52 0 M178 200 a26 48 0 0 1 52 0 M228 200 a26 40 0 0 1 52 0"
      class="light" />
    <path
      d="M46 146 m-13 0 a13 13 0 1 0 26 0 a13 13 0 1 0 -26 0 M96 138 m-13 0 a13 13 0 1 0 26 0 a13 13 0 1 0 -26 0 M150 130 m-13 0 a13 13 0 1 0 26 0 a13 13 0 1 0 -26 0 M204 138 m-13 0 a13 13 0 1 0 26 0 a13 13 0 1 0 -26 0 M254 146 m-13 0 a13 13 0 1 0 26 0 a13 13 0 1 0 -26 0"
      class="light" />
    <path d="M40 40 h1 M90 24 h1 M150 56 h1 M210 30 h1 M262 50 h1 M120 86 h1 M186 84 h1" class="snow" />
  `,
  organ: html`
    <path
      d="M40 200 V96 M66 200 V72 M92 200 V50 M118 200 V34 M144 200 V24 M170 200 V34 M196 200 V50 M222 200 V72 M248 200 V96"
      class="pipe" />
    <path d="M22 172 H266" class="line" />
    <circle cx="268" cy="34" r="14" class="light" />
  `,
} as const;

/** The style sheet of the shop. */
export const style = `
:root { color-scheme: light dark; --ink: #241b1c; --paper: #fbf8f1; --card: #fff; --red: #8f1d35; --soft: #6b5a58; --edge: #d9cfc4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3ece2; --paper: #191415; --card: #241d1e; --red: #f2a0ae; --soft: #b9aaa4; --edge: #463a3a; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 1.05rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main, footer { max-width: 66rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; padding-top: 1.25rem; padding-bottom: 1.25rem; }
header a { color: inherit; font: 700 1.15rem/1.2 Georgia, serif; text-decoration: none; }
header span { color: var(--soft); font-size: .9rem; }
main { padding-bottom: 3rem; }
h1 { font: 400 clamp(2rem, 6vw, 3.2rem)/1.1 Georgia, serif; margin: 1.2rem 0 .8rem; text-wrap: balance; }
h2 { font: 400 1.5rem/1.2 Georgia, serif; margin: 0 0 .3rem; }
a { color: var(--red); }
.soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 1.5rem; padding: 0; margin: 2rem 0; list-style: none; }
.card { position: relative; overflow: hidden; border: 1px solid var(--edge); border-radius: .8rem; background: var(--card); }
.card div { padding: 1rem 1.2rem 1.3rem; }
.card p { margin: .2rem 0; }
.card h2 a { text-decoration: none; color: inherit; }
.card h2 a::after { position: absolute; inset: 0; content: ""; }
.card:has(a:focus-visible) { outline: 3px solid var(--red); outline-offset: 3px; }
.poster { display: block; width: 100%; aspect-ratio: 3 / 2; }
.poster .light { fill: #f4d58d; } .poster .line { fill: none; stroke: #f4d58d; stroke-width: 2.5; }
.poster .pipe { stroke: #f4d58d; stroke-width: 16; } .poster .snow { stroke: #fff; stroke-width: 6; stroke-linecap: round; }
.strings rect { fill: #1d2b53; } .choir rect { fill: #5b1a2e; } .organ rect { fill: #1e3a34; }
.split { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem 3rem; align-items: start; margin-top: 1.5rem; }
.split .poster { border-radius: .8rem; }
fieldset { border: 0; padding: 0; margin: 1.2rem 0; }
legend { font-weight: 700; padding: 0 0 .4rem; }
.choice { display: flex; justify-content: space-between; gap: 1rem; padding: .7rem 1rem; margin-bottom: .5rem; border: 1px solid var(--edge); border-radius: .6rem; background: var(--card); cursor: pointer; }
.choice:has(:checked) { border-color: var(--red); box-shadow: inset 0 0 0 1px var(--red); }
input[type=radio] { accent-color: var(--red); }
label.field { display: block; margin: 1rem 0; font-weight: 700; }
select, input:not([type=radio]) { display: block; width: 100%; margin-top: .3rem; padding: .6rem .8rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: .5rem; }
button { font: inherit; font-weight: 700; padding: .7rem 1.6rem; border: 0; border-radius: 2rem; color: var(--paper); background: var(--red); cursor: pointer; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
td { padding: .5rem 0; border-bottom: 1px solid var(--edge); } td:last-child { text-align: right; }
.ticket { display: flex; margin: 1rem 0; border: 1px solid var(--edge); border-radius: .8rem; background: var(--card); overflow: hidden; }
.ticket div { flex: 1; padding: 1rem 1.3rem; }
.ticket p { margin: .15rem 0; }
.ticket .code { flex: none; width: 5.5rem; border-left: 2px dashed var(--edge);
  background: repeating-linear-gradient(90deg, currentColor 0 3px, transparent 3px 5px, currentColor 5px 6px, transparent 6px 10px) content-box; padding: 1rem .8rem; forced-color-adjust: none; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; }
footer button { color: inherit; background: none; border: 1px solid currentColor; font-weight: 400; }
:focus-visible { outline: 3px solid var(--red); outline-offset: 3px; }
@media (forced-colors: active) { button, .choice, .card, .ticket { border: 1px solid; } .choice:has(:checked) { outline: 3px solid Highlight; } }
`;
