import { correction, generate } from "lean-qr";

/** How wide the quiet zone is, in modules (ISO/IEC 18004, section 9.1). */
const quiet = 4;

/**
 * Draws a text as a QR code: a picture of SVG without styles, scripts and references, black on white whatever the colours around it are,
 * since cameras read no inverted ones.
 *
 * @param text What the code says.
 * @param label What the picture is, for those who do not see it, as HTML.
 */
export function qrCode(text: string, label: string): string {
  const code = generate(text, { minCorrectionLevel: correction.L });
  const side = code.size + 2 * quiet;
  const rows = Array.from({ length: code.size }, (_, y) => rowOf(code, y)).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${rows}"/></svg>`;
}

/** The dark modules of a row, those beside each other as one. */
function rowOf(code: { readonly size: number; get(x: number, y: number): boolean }, y: number): string {
  let drawn = "";
  for (let x = 0; x < code.size; x++) {
    if (!code.get(x, y)) continue;
    const from = x;
    while (code.get(x + 1, y)) x++;
    drawn += `M${from + quiet} ${y + quiet}h${x + 1 - from}v1h-${x + 1 - from}z`;
  }
  return drawn;
}
