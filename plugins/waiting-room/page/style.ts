/** The style of the plain page. Colours have a contrast of at least 4.5 in both schemes. */
export const style: string = `:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;font:1.0625rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{width:100%;max-width:34rem;overflow-wrap:anywhere}
h1{font-size:clamp(1.5rem,6vw,2.25rem);line-height:1.2;margin:0 0 .5rem}
dl{display:flex;flex-wrap:wrap;gap:1rem 3rem;margin:1.5rem 0}
dt{font-size:.875rem}
dd{margin:0;font-size:clamp(1.5rem,6vw,2.25rem);font-variant-numeric:tabular-nums}
aside{margin:1.5rem 0;padding:.75rem 1rem;border-inline-start:.25rem solid currentColor;white-space:pre-line}
button,a.button{font:inherit;display:inline-block;padding:.625rem 1.25rem;border:1px solid currentColor;border-radius:.5rem;background:ButtonFace;color:ButtonText;text-decoration:none}
button:focus-visible,a:focus-visible{outline:.1875rem solid Highlight;outline-offset:.1875rem}
svg{display:block;width:100%;max-width:20rem;height:auto}
input{font:inherit;width:100%;padding:.625rem;border:1px solid currentColor;border-radius:.5rem;background:Field;color:FieldText}
form{margin:1rem 0}
[hidden]{display:none!important}
.live{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}`;
