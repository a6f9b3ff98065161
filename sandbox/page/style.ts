import { darkColours, lightColours, logoRules, pageStyle } from "../../src/look/mod.ts";

/** The page's style: that of all pages, and what the sandbox's have beside it. */
export const STYLE: string = pageStyle(
  lightColours,
  darkColours,
  `${logoRules}
  summary{width:fit-content;padding:.375rem 0;color:var(--accent);font-weight:600;cursor:pointer}
  .code,.details,.reload{margin-top:1.25rem}
  .code form{margin-top:.625rem}
  label{font-size:.9375rem;font-weight:600}
  .row{display:flex;flex-wrap:wrap;gap:.625rem;margin-top:.375rem}
  input:not([type=hidden]){flex:1 1 11rem;min-width:0;min-height:3rem;padding:0 .875rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--muted);border-radius:.75rem}
  input[aria-invalid]{border:2px solid var(--accent)}
  .error{margin-top:.5rem;color:var(--accent);font-weight:600}
  .details dl{margin-top:.5rem;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;font-size:.9375rem}
  .details dl div{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:0 1rem;padding:.25rem 0}
  .details dt{color:var(--muted)}
  .footnote{margin-top:.25rem}
  .wait::first-letter{text-transform:uppercase}
`,
);
