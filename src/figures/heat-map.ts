/** @file A table of similarities as colours, the number in every cell that has room for it. */

import { NOTE_ROW, noteRows } from "./cartesian-frame.ts";
import { COLOUR_BAR_HEIGHT, colourBar } from "./colour-bar.ts";
import { fixed } from "./number-text.ts";
import { HEAT_STEPS } from "./palette.ts";
import {
  element,
  FIGURE_WIDTH,
  type FigureWords,
  FONT_SIZE,
  figureSvg,
  textAt,
  tooltip,
} from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";

export interface HeatMap extends FigureWords {
  /** Names of the rows and of the columns. */
  readonly names: readonly string[];
  /** The similarity of row i and column j; undefined where there is none. */
  readonly value: (i: number, j: number) => number | undefined;
  /** What the values are, for the colour bar. */
  readonly label: string;
  /** What unrelated dictionaries would show: the quiet end of the colours. */
  readonly null?: number | undefined;
}

const LABEL_SPACE = 104;
const STEPS = Array.from({ length: HEAT_STEPS }, (_, i) => `h${i}`);
/** Smallest text that is still read. */
const SMALLEST_FONT = 9;
/** More rows than this are drawn without names; a page has the numbers in a table. */
const MOST_NAMES = 26;

/**
 * Text of a cell and the size at which it fits; undefined when none does. Without the leading zero
 * when that is what it takes.
 */
function cellText(value: number, width: number): { text: string; size: number } | undefined {
  const long = fixed(value, 3);
  for (const text of [long, long.replace(/^(−?)0\./, "$1.")]) {
    const size = Math.min(FONT_SIZE - 1, (width - 3) / textWidth(text, 1));
    if (size >= SMALLEST_FONT) return { text, size };
  }
  return undefined;
}

interface Cells {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly step: (value: number) => number;
}

function cell(map: HeatMap, i: number, j: number, { left, top, size, step }: Cells): string {
  const value = map.value(i, j);
  const x = left + j * size;
  const y = top + i * size;
  const known = value !== undefined && Number.isFinite(value);
  // That something equals itself needs no colour.
  const heat = known && i !== j ? step(value) : 0;
  const words = `${map.names[i]} and ${map.names[j]}: ${fixed(value, 3)}`;
  const gap = size > 8 ? 1 : 0;
  const parts = [
    element(
      "rect",
      {
        x,
        y,
        width: size - gap,
        height: size - gap,
        ...(known ? { class: `h${heat}` } : { class: "rule" }),
      },
      tooltip(words),
    ),
  ];
  const text = known && i !== j ? cellText(value, size) : undefined;
  if (text)
    parts.push(
      element(
        "text",
        {
          x: x + (size - gap) / 2,
          y: y + (size - gap) / 2,
          dy: "0.36em",
          "text-anchor": "middle",
          class: `hi${heat}`,
          style: `font-size:${text.size.toFixed(1)}px`,
        },
        text.text,
      ),
    );
  return parts.join("");
}

/** A heat map as SVG text; the colours run from the null (or the lowest value) to 1. */
export function heatMap(map: HeatMap): string {
  const n = map.names.length;
  const longest = Math.max(0, ...map.names.map((name) => textWidth(name)));
  const named = n <= MOST_NAMES;
  const left = named ? Math.min(LABEL_SPACE, longest) + 8 : 0;
  const size = Math.min(58, (FIGURE_WIDTH - left) / Math.max(1, n));
  const upright = named && longest > size - 6;
  const top = !named ? 4 : upright ? Math.min(LABEL_SPACE, longest) + 8 : 22;
  const values = map.names.flatMap((_, i) =>
    map.names.map((__, j) => map.value(i, j)).filter((v) => v !== undefined && Number.isFinite(v)),
  ) as number[];
  const floor = Math.min(0, ...values.slice(0, 10_000));
  const low = Math.min(
    0.999,
    map.null !== undefined && Number.isFinite(map.null) ? map.null : floor,
  );
  const step = (value: number) =>
    Math.min(HEAT_STEPS - 1, Math.max(0, Math.floor(((value - low) / (1 - low)) * HEAT_STEPS)));
  const cells: Cells = { left, top, size, step };
  const parts: string[] = [];
  for (const [i, name] of map.names.entries()) {
    const middle = (i + 0.5) * size;
    if (named) {
      const shown = shortened(name, LABEL_SPACE);
      parts.push(textAt(shown, { x: left - 8, y: top + middle, anchor: "end", whole: name }));
      parts.push(
        upright
          ? textAt(shown, { x: left + middle, y: top - 8, upright: true, whole: name })
          : textAt(shown, { x: left + middle, y: top - 12, anchor: "middle", whole: name }),
      );
    }
    for (let j = 0; j < n; j++) parts.push(cell(map, i, j, cells));
  }
  const below = top + n * size + 14;
  const numbers = n > 0 && cellText(-0.999, size) !== undefined;
  const notes = [
    ...(n === 0 ? ["Nothing to show."] : []),
    ...(n > 0 && !numbers ? ["The numbers are in the table."] : []),
  ];
  const isNull = map.null !== undefined;
  const bar = {
    label: map.label,
    steps: STEPS,
    high: "1",
    lowIsNull: isNull,
    low: isNull ? `null ${fixed(map.null, 3)}` : fixed(low, 2),
  };
  parts.push(colourBar(bar, below));
  const noteTop = below + COLOUR_BAR_HEIGHT;
  parts.push(noteRows(notes, noteTop));
  return figureSvg(noteTop + notes.length * NOTE_ROW, map, parts);
}
