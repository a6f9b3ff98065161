import { compact } from "./compact.ts";

/** The colours of one scheme, as `#rrggbb`. */
export interface LookColours {
  /** Behind everything. */
  readonly paper: string;
  /** Behind what stands out. */
  readonly card: string;
  readonly ink: string;
  /** Of what matters less. */
  readonly muted: string;
  readonly line: string;
  /** Of the number, and of links. */
  readonly accent: string;
  /** Of buttons and ropes. */
  readonly fill: string;
  readonly onFill: string;
}

/** All texts have a contrast of at least 4.5 with what they stand on. */
export const lightColours: LookColours = {
  paper: "#f5f0e8",
  card: "#fffdf9",
  ink: "#241a1c",
  muted: "#675a57",
  line: "#e3d9cb",
  accent: "#8f1d34",
  fill: "#9c2039",
  onFill: "#ffffff",
};

/** The same in the dark. */
export const darkColours: LookColours = {
  paper: "#141012",
  card: "#1e181a",
  ink: "#f4ece3",
  muted: "#b9aba3",
  line: "#3a2f31",
  accent: "#f398a8",
  fill: "#c23d59",
  onFill: "#ffffff",
};

/**
 * The style of a page in these colours. It needs no more than what stands in the page.
 *
 * @param light The colours of browsers that are set to light ones.
 * @param dark The same in the dark.
 * @param more Rules that stand behind, in which the colours are variables of their names.
 */
export function pageStyle(light: LookColours, dark: LookColours, more: string = ""): string {
  const style = `:root{color-scheme:light dark;${variables(light)}--brass:#b98a35}` +
    `@media(prefers-color-scheme:dark){:root{${variables(dark)}--brass:#d3a650}}${rules}${compact(more)}`;
  // Every page carries it, and no two names begin with the same letter.
  return style.replaceAll(/(--\w)\w*/g, "$1");
}

function variables(colours: LookColours): string {
  return Object.entries(colours).map(([name, colour]) => `--${name}:${colour};`).join("");
}

/** What a page with a logo has beside it. */
export const logoRules: string = "header img{max-height:2.5rem;max-width:50%}";

const rules = compact(`
  *{box-sizing:border-box;margin:0}
  [hidden]{display:none!important}
  html{font-size:clamp(100%,.5rem + .6vw,200%)}
  body{min-height:100vh;display:flex;flex-direction:column;align-items:center;padding:clamp(1rem,4vw,2.5rem);background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
  header,main,footer{width:100%;max-width:42rem}
  header{display:flex;align-items:center;gap:.75rem;padding-bottom:5vh;font-weight:600}
  .dot::before,.life::before{content:"";display:inline-block;border:.3rem solid var(--fill);border-radius:50%;margin-inline-end:.6rem}
  main{flex:1}
  h1,.number,.wait{font-family:"Iowan Old Style",Palatino,"Palatino Linotype",serif;font-weight:500;line-height:1.1}
  h1{font-size:clamp(2rem,8vw,3.25rem)}
  .lead{margin-top:.75rem;max-width:34rem;color:var(--muted);font-size:1.125rem}
  h2{font-size:.875rem;color:var(--muted)}
  .ticket{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;margin-top:2rem;padding:clamp(1.25rem,4vw,2rem);background:var(--card);border:1px solid var(--line);border-radius:1.25rem}
  .number{color:var(--accent);font-size:clamp(4.5rem,22vw,8rem)}
  .long{font-size:clamp(2.5rem,13vw,5rem)}
  .facts{flex:1 1 12rem;display:flex;flex-direction:column;justify-content:space-between;gap:1rem}
  .wait{font-size:1.625rem;font-variant-numeric:tabular-nums}
  .way{flex:1 0 100%}
  main>.way{margin-top:2.5rem}
  .ropes{display:block;overflow:visible}
  .rope{fill:none;stroke:var(--fill);stroke-width:7;stroke-linecap:round}
  .post{fill:var(--brass)}
  progress{appearance:none;display:block;width:100%;height:.625rem;border:0;border-radius:1rem;background:var(--line);overflow:hidden}
  ::-webkit-progress-bar{background:var(--line)}
  ::-webkit-progress-value{background:var(--fill);border-radius:1rem}
  ::-moz-progress-bar{background:var(--fill)}
  .life,footer{margin-top:1rem;color:var(--muted);font-size:.9375rem}
  .note,.lost{margin-top:1.5rem;padding-inline-start:1rem;border-inline-start:3px solid var(--brass)}
  .note p{white-space:pre-line;unicode-bidi:plaintext}
  .actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
  button,.button{min-height:3rem;padding:.6rem 1.25rem;font:inherit;font-weight:600;cursor:pointer;color:var(--onFill);background:var(--fill);border:1px solid #0000;border-radius:.75rem;text-decoration:none}
  input{width:100%;padding:.6rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--muted);border-radius:.75rem}
  .quiet{color:inherit;background:none;border-color:var(--muted)}
  a{color:var(--accent)}
  :focus-visible{outline:3px solid var(--accent);outline-offset:3px}
  footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line)}
  .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  @media(prefers-reduced-motion:no-preference){
  .rope path{transform-origin:0 24px;animation:sway 5s ease-in-out infinite alternate}
  .life::before{animation:beat 2s infinite alternate}
  @keyframes sway{from{transform:scaleY(.93)}to{transform:scaleY(1.05)}}
  @keyframes beat{to{opacity:.2}}
  }
  @media(forced-colors:active){
  .rope{stroke:CanvasText}
  .post{fill:CanvasText}
  progress{forced-color-adjust:none;background:Canvas;outline:1px solid CanvasText}
  ::-webkit-progress-bar{background:Canvas}
  ::-webkit-progress-value{background:Highlight}
  ::-moz-progress-bar{background:Highlight}
  }
`);
