/** Addresses of the scripts that are loaded when they are needed, set by scripts/build-web.mjs. */

/** Draws figures: web/figures/figures.ts */
declare const FIGURES: string;

/** Draws very many dots: web/figures/scatter.ts */
declare const SCATTER: string;
