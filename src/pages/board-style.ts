/** The style of boards: one column on a phone. Colours have a contrast of at least 4.5 in both schemes. */
export const boardStyle: string =
  `:root{color-scheme:light dark;--back:#fff;--card:#f4f5f7;--text:#1b1f24;--soft:#545d68;--line:#c9ced6;--good:#116329;--note:#7a4b00;--bad:#a40e26;--one:#0b5cad;--two:#8a3ffc;--three:#0a7d54;--four:#a40e26}
@media (prefers-color-scheme:dark){:root{--back:#12151a;--card:#1c2128;--text:#e8ebef;--soft:#a5afbb;--line:#3c4550;--good:#6fdd8b;--note:#f2c162;--bad:#ff9a94;--one:#6cb2ff;--two:#c9a2ff;--three:#63d8a8;--four:#ff9a94}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;font:1rem/1.45 system-ui,sans-serif;background:var(--back);color:var(--text)}
header,main{max-width:70rem;margin:0 auto}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}
h1{font-size:1.25rem;margin:0;flex:1}
h2{font-size:1.5rem;margin:1.25rem 0 .5rem;overflow-wrap:anywhere}
h3{font-size:1.0625rem;margin:1.5rem 0 .5rem}
.who{display:flex;gap:.75rem;align-items:center;margin:0;overflow-wrap:anywhere}
#live{flex-basis:100%;margin:0;color:var(--soft);font-size:.875rem}
#live.stale{color:var(--bad);font-weight:600}
.badge{font-size:.875rem;vertical-align:middle;border:1px solid currentColor;border-radius:1rem;padding:.125rem .625rem;white-space:nowrap}
.verdicts{list-style:none;margin:0;padding:0}
.verdict{margin:.375rem 0;padding:.5rem .75rem;border-inline-start:.25rem solid;background:var(--card)}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.verdict.note,td.note{color:var(--note)}
p.note{color:var(--soft);overflow-wrap:anywhere;white-space:pre-line}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.5rem;margin:1rem 0}
.figures div{background:var(--card);border-radius:.5rem;padding:.5rem .75rem}
dt{font-size:.8125rem;color:var(--soft)}
dd{margin:0;font-size:1.375rem;font-variant-numeric:tabular-nums}
dd small{font-size:.875rem;color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem}
.chart{min-width:0;background:var(--card);border-radius:.5rem;padding:.5rem}
.chart h3,.chart h4{margin:.25rem .25rem .5rem;font-size:.9375rem}
.wide{overflow-x:auto}
.long{max-height:26rem;overflow-y:auto}
.long th{position:sticky;top:0;background:var(--back)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:start;padding:.375rem .75rem .375rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:break-word;min-width:5rem}
th{font-size:.8125rem;color:var(--soft);font-weight:600;white-space:nowrap}
tr[aria-current=true] a{font-weight:700}
a{color:var(--one)}
button,input,textarea,select{font:inherit;color:inherit;background:var(--back);border:1px solid var(--soft);border-radius:.375rem;padding:.5rem .75rem;min-height:2.75rem;max-width:100%}
button{background:var(--card);cursor:pointer}
button.strong{background:var(--one);color:var(--back);border-color:var(--one);font-weight:600}
button.plain{background:none;border:0;text-decoration:underline;padding:.25rem}
button[aria-pressed=true]{border-width:2px;border-color:currentColor;font-weight:700}
:focus-visible{outline:.1875rem solid var(--one);outline-offset:.125rem}
.modes,.controls form{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:end;margin:.75rem 0}
label{display:grid;gap:.25rem;font-size:.875rem}
p>label{display:inline}
.controls form{border-top:1px solid var(--line);padding-top:.75rem}
.controls form[data-order=note] label,.controls form[data-order=drop] label{flex:1 1 16rem}
.controls input{width:11rem}
.controls textarea,.controls form[data-order=drop] input,.controls input[type=datetime-local]{width:100%}
[data-part=result]:empty{display:none}
summary{cursor:pointer;padding:.625rem 0;min-height:2.75rem;color:var(--one)}
.sign-in{max-width:24rem;margin-top:10vh}
.sign-in form{display:grid;gap:1rem;margin-top:1rem}
.sign-in input{width:100%}
dialog{max-width:32rem;width:calc(100% - 2rem);border:1px solid var(--line);border-radius:.75rem;background:var(--back);color:var(--text);overflow-wrap:anywhere}
dialog::backdrop{background:rgb(0 0 0/.5)}
dialog h2{margin-top:0}
dialog form{display:flex;gap:.75rem;justify-content:flex-end}
[hidden]{display:none!important}
.u-legend{font-size:.8125rem;text-align:start!important}
.u-inline tr{margin-inline-end:.75rem!important}
.u-legend th,.u-legend td{border:0;color:inherit;padding:0 .25rem!important}
@media (forced-colors:active){.badge,.verdict,button,.figures div,.chart{border:1px solid CanvasText}button.strong{forced-color-adjust:none;background:Highlight;color:HighlightText}}
`;
