/**
 * @file The colours of figures, as CSS variables: one set for light and one for dark surroundings.
 *   Categories are Okabe and Ito's palette (2008), lightened on dark; ramps run from quiet to loud
 *   in both, in even steps of lightness, after viridis.
 */

/** Series beyond this many repeat the colours with another dash. */
export const CATEGORIES = 7;

/** Steps of the ramp that colours marks by a quantity. */
export const RAMP_STEPS = 6;

/** Steps of the ramp that fills the cells of a heat map. */
export const HEAT_STEPS = 9;

/**
 * Steps of the fill for quantities of either sign: blue below zero, quiet around it, orange above.
 */
export const DIVERGING_STEPS = 11;

type Colours = Readonly<Record<string, string>>;

function numbered(prefix: string, colours: readonly string[]): Colours {
  return Object.fromEntries(colours.map((colour, i) => [`${prefix}${i}`, colour]));
}

const LIGHT: Colours = {
  ink: "#1c2127",
  quiet: "#5d6875",
  rule: "#dfe3e8",
  surface: "#ffffff",
  null: "#8a4b08",
  ...numbered("c", ["#0072b2", "#d55e00", "#009e73", "#b8558f", "#c98a00", "#3f9fd6", "#555d66"]),
  ...numbered("r", ["#a3c83b", "#4fb06d", "#25928c", "#2f6f9f", "#44438a", "#440154"]),
  ...numbered("h", [
    "#f4f7fa",
    "#e0ebf4",
    "#c6dcec",
    "#a3c9e2",
    "#78b0d5",
    "#4d95c5",
    "#2c77b0",
    "#155a93",
    "#0a3d6b",
  ]),
  ...numbered("hi", [
    "#1c2127",
    "#1c2127",
    "#1c2127",
    "#1c2127",
    "#1c2127",
    "#0d1117",
    "#ffffff",
    "#ffffff",
    "#ffffff",
  ]),
  ...numbered("d", [
    "#0b4a82",
    "#2673b3",
    "#5c9bcb",
    "#97c0df",
    "#cfe1ef",
    "#f4f5f6",
    "#fbdcc8",
    "#f5b48f",
    "#e88754",
    "#cf5a1c",
    "#96390a",
  ]),
};

const DARK: Colours = {
  ink: "#e6e9ed",
  quiet: "#9aa5b1",
  rule: "#323a44",
  surface: "#14181d",
  null: "#e0a860",
  ...numbered("c", ["#4aa9e6", "#f28544", "#2fc79d", "#e394c3", "#efb944", "#93d2f7", "#b5bdc6"]),
  ...numbered("r", ["#6c63b5", "#4d84b8", "#34a39e", "#5cbf74", "#a9d741", "#fde74c"]),
  ...numbered("h", [
    "#1b2129",
    "#1d2c3b",
    "#1e394f",
    "#1f4a69",
    "#215e86",
    "#2b78a8",
    "#4796c8",
    "#72b5e0",
    "#a9d5f2",
  ]),
  ...numbered("hi", [
    "#e6e9ed",
    "#e6e9ed",
    "#e6e9ed",
    "#ffffff",
    "#ffffff",
    "#ffffff",
    "#0d1117",
    "#0d1117",
    "#0d1117",
  ]),
  ...numbered("d", [
    "#a9d5f2",
    "#6db3e2",
    "#4290c4",
    "#2d6a97",
    "#23465f",
    "#1f262e",
    "#4f3524",
    "#80492a",
    "#b5612f",
    "#e58a4f",
    "#ffc29a",
  ]),
};

function variables(colours: Colours): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--fig-${name}:${colour};`)
    .join("");
}

/** Colours as CSS variables, which follow light and dark. */
export const COLOURS = {
  ink: "var(--fig-ink)",
  quiet: "var(--fig-quiet)",
  /** Quiet lines behind others; opaque: many of them are as light as one. */
  pale: "color-mix(in srgb,var(--fig-quiet) 55%,var(--fig-surface))",
  rule: "var(--fig-rule)",
  null: "var(--fig-null)",
  surface: "var(--fig-surface)",
} as const;

/** Colour of a series by its number. */
export function seriesColour(index: number): string {
  return `var(--fig-c${index % CATEGORIES})`;
}

/** A step of the ramp that colours marks by a quantity. */
export function rampColour(step: number): string {
  return `var(--fig-r${step})`;
}

/** A step of the fill of a heat map, and the colour of text on it. */
export function heatColour(step: number): { fill: string; ink: string } {
  return { fill: `var(--fig-h${step})`, ink: `var(--fig-hi${step})` };
}

/** A step of the fill for quantities of either sign. */
export function divergingColour(step: number): string {
  return `var(--fig-d${step})`;
}

/** Dashes that tell series of the same colour apart; undefined for the first round of colours. */
export function seriesDash(index: number): string | undefined {
  return [undefined, "5 3", "1.5 2.5"][Math.floor(index / CATEGORIES) % 3];
}

/**
 * The style sheet that figures need, once for a page that shows any number of them. Printed, they
 * are light.
 */
export const FIGURE_CSS = [
  `:root{${variables(LIGHT)}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${variables(DARK)}}}`,
  ".fig{display:block;width:100%;height:auto;overflow:visible;color:var(--fig-ink);",
  'font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;',
  "font-variant-numeric:tabular-nums}",
  // Layouts leave room for the larger text of narrow columns.
  "@container (min-width:430px){.fig{font-size:11px}}",
].join("");

/** A figure as a file of its own: with its style sheet inside. */
export function standaloneSvg(svg: string): string {
  return svg.replace(/^(<svg [^>]*>)/, `$1<style>${FIGURE_CSS}</style>`);
}
