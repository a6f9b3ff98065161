/** The owner's colours, and whether they can be read. */

import { darkColours, lightColours, type LookColours } from "../../../src/look/mod.ts";
import { group, type Rule, text, valueError } from "../../../src/options/check.ts";

/** The colours of one scheme, each as `#rrggbb`. What is left out stays as it is. */
export interface PageColours {
  /** Behind everything. */
  readonly background?: string;
  /** Of what is to be read. */
  readonly text?: string;
  /** Of the number, links, buttons and ropes. What stands on buttons is black or white, whichever can be read better. */
  readonly accent?: string;
}

/** The colours of the page, for browsers that are set to light ones and to dark ones. */
export interface PageTheme {
  /** For browsers that are set to light colours. @default {red on paper} */
  readonly light?: PageColours;
  /** For browsers that are set to dark ones. @default {the same in the dark} */
  readonly dark?: PageColours;
}

/** The least contrast that everybody can read (WCAG 2.2, criterion 1.4.3). */
const leastContrast = 4.5;

const colour = text('a colour such as "#8f1d34"', (value) => /^#[\da-f]{6}$/i.test(value));
const colourRules: Readonly<Record<keyof PageColours, Rule>> = {
  background: colour,
  text: colour,
  accent: colour,
};

/** Refuses what is no theme, and colours that cannot be read on each other. */
export const checkTheme: Rule = group({ light: scheme(lightColours), dark: scheme(darkColours) });

function scheme(usual: LookColours): Rule {
  return (subject, option, value) => {
    group(colourRules)(subject, option, value);
    // The rules have looked at each colour.
    const own = value as PageColours;
    const { paper, card, ink, muted, accent } = coloursOf(usual, own);
    const backgrounds = [paper, card];
    for (const [name, colours] of [["text", [ink, muted]], ["accent", [accent]]] as const) {
      for (const colour of colours) {
        const worst = backgrounds.toSorted((a, b) => contrastOf(colour, a) - contrastOf(colour, b))[0] ??
          paper;
        const contrast = contrastOf(colour, worst);
        if (contrast >= leastContrast) continue;
        const isOwn = own[name] !== undefined;
        const [blamed, other] = isOwn ? [name, "background"] as const : ["background", name] as const;
        const must = `a colour with a contrast of at least ${leastContrast} to the ${other} ${
          isOwn ? worst : colour
        }, and has ${contrast.toFixed(1)}`;
        throw valueError(subject, `${option}.${blamed}`, must, own[blamed]);
      }
    }
  };
}

/** The colours of the look, with those of the owner in their places. */
export function coloursOf(usual: LookColours, { background, text, accent }: PageColours = {}): LookColours {
  return {
    ...usual,
    ...(background !== undefined && { paper: background, card: background }),
    // What matters less is as easy to read where nobody knows what is.
    ...(text !== undefined && { ink: text, muted: text }),
    ...(background !== undefined && text === undefined && { muted: usual.ink }),
    ...(accent !== undefined &&
      {
        accent,
        fill: accent,
        onFill: contrastOf(accent, "#ffffff") >= leastContrast ? "#ffffff" : "#000000",
      }),
  };
}

/** The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastOf(a: string, b: string): number {
  const [light = 1, dark = 0] = [luminanceOf(a), luminanceOf(b)].toSorted((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
