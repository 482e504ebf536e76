/** @file Figures that stand alone as SVG files, on a surface of their own. */

import { standaloneSvg } from "./palette.ts";

/** Space around a figure that stands alone, in its units. */
const MARGIN = 14;
/**
 * A figure as a file of its own, on a surface that is light or dark with what surrounds it.
 *
 * @param scale Pixels per unit.
 */
export function onSurface(svg: string, scale = 1.4): string {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  const [w, h] = [Number(width) + 2 * MARGIN, Number(height) + 2 * MARGIN];
  const box = `viewBox="${-MARGIN} ${-MARGIN} ${w} ${h}"`;
  const surface = `<rect x="${-MARGIN}" y="${-MARGIN}" width="${w}" height="${h}" style="fill:var(--fig-surface)"/>`;
  const whole = standaloneSvg(svg)
    .replace(/viewBox="[^"]*"/, `${box} width="${scale * w}"`)
    .replace("</style>", `</style>${surface}`);
  return `${whole}\n`;
}
