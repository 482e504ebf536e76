/** @file A table of similarities as colours, the number in every cell that has room for it. */

import { fixed } from "../number-text.ts";
import { COLOURS, HEAT_STEPS, heatColour } from "../palette.ts";
import { type FigureWords, FONT_SIZE } from "../svg.ts";
import { shortened, textWidth } from "../text-width.ts";
import { COLOUR_BAR_HEIGHT, colourBar } from "./colour-bar.ts";
import type { Marks, Plot, Specification } from "./specification.ts";
import { NOTE_ROW, notes, placedTexts } from "./texts.ts";

export interface HeatMap extends FigureWords {
  /** Names of the rows, and of the columns unless these have their own. */
  readonly names: readonly string[];
  /**
   * Names of the columns, where a cell of the diagonal is a value like others. Default: rows and
   * columns are the same things, and the diagonal compares each with itself.
   */
  readonly columns?: readonly string[];
  /** The similarity of row i and column j; undefined where there is none. */
  readonly value: (i: number, j: number) => number | undefined;
  /** What the values are, for the colour bar. */
  readonly label: string;
  /** What unrelated dictionaries would show: the quiet end of the colours. */
  readonly null?: number | undefined;
}

const LABEL_SPACE = 104;
/** Smallest text that is still read. */
const SMALLEST_FONT = 9;
/** More rows than this are drawn without names; a page has the numbers in a table. */
const MOST_NAMES = 26;
const LARGEST_CELL = 58;

/**
 * Text of a cell and the size at which it fits; undefined when none does. Without the leading zero
 * when that is what it takes.
 */
function cellText(value: number, width: number): { text: string; size: number } | undefined {
  const long = fixed(value, 3);
  for (const text of [long, long.replace(/^(−?)0\./, "$1.")]) {
    const size = Math.min(FONT_SIZE - 1, (width - 3) / textWidth(text, 1));
    if (size >= SMALLEST_FONT) return { text, size: Math.round(size * 10) / 10 };
  }
  return undefined;
}

interface Cell {
  readonly i: number;
  readonly j: number;
  /** Where there is a value: the step of its colour. */
  readonly heat: number | undefined;
  readonly value: number | undefined;
  readonly words: string;
  /** Whether it compares something with itself, and is not written. */
  readonly isSelf: boolean;
}

/** The value of the quiet end of the colours. */
function lowest({ null: chance }: HeatMap, values: readonly number[]): number {
  const known = chance !== undefined && Number.isFinite(chance);
  return Math.min(0.999, known ? chance : Math.min(0, ...values.slice(0, 10_000)));
}

function cellsOf(map: HeatMap): { cells: readonly Cell[]; low: number } {
  const { names, value } = map;
  const columns = map.columns ?? names;
  const all = names.flatMap((_, i) => columns.map((__, j) => ({ i, j, value: value(i, j) })));
  const known = all.flatMap(({ value: v }) => (v !== undefined && Number.isFinite(v) ? [v] : []));
  const low = lowest(map, known);
  const step = (v: number) =>
    Math.min(HEAT_STEPS - 1, Math.max(0, Math.floor(((v - low) / (1 - low)) * HEAT_STEPS)));
  const cells = all.map(({ i, j, value: v }) => {
    const words = `${names[i]} and ${columns[j]}: ${fixed(v, 3)}`;
    if (v === undefined || !Number.isFinite(v))
      return { i, j, value: undefined, heat: undefined, words, isSelf: false };
    // That something equals itself needs no colour.
    const isSelf = map.columns === undefined && i === j;
    return { i, j, value: v, heat: isSelf ? 0 : step(v), words, isSelf };
  });
  return { cells, low };
}

function drawCells(plot: Plot, cells: readonly Cell[], size: number): Marks {
  const inset = size > 8 ? 0.5 : 0;
  const place = {
    x1: "j",
    x2: ({ j }: Cell) => j + 1,
    y1: "i",
    y2: ({ i }: Cell) => i + 1,
    inset,
    title: "words",
  } as const;
  const written = cells.flatMap((cell) => {
    const { value, heat } = cell;
    const text = cell.isSelf || value === undefined ? undefined : cellText(value, size);
    return text ? [{ ...cell, ...text, ink: heatColour(heat!).ink }] : [];
  });
  return [
    plot.rect(
      cells.filter(({ heat }) => heat !== undefined),
      { ...place, fill: ({ heat }: Cell) => heatColour(heat!).fill },
    ),
    plot.rect(
      cells.filter(({ heat }) => heat === undefined),
      { ...place, fill: "none", stroke: COLOURS.rule },
    ),
    plot.text(written, {
      x: ({ j }: Cell) => j + 0.5,
      y: ({ i }: Cell) => i + 0.5,
      text: "text",
      fill: "ink",
      fontSize: ({ size: fontSize }: { size: number }) => fontSize,
    }),
  ];
}

/** A heat map; the colours run from the null (or the lowest value) to 1. */
export function heatMap(map: HeatMap): Specification {
  const { names, columns = names } = map;
  const [n, m] = [names.length, columns.length];
  const { cells, low } = cellsOf(map);
  const longestOf = (all: readonly string[]) => Math.max(0, ...all.map((name) => textWidth(name)));
  const [longest, longestColumn] = [longestOf(names), longestOf(columns)];
  const named = n > 0 && Math.max(n, m) <= MOST_NAMES;
  const options: Specification["options"] = (plot, width) => {
    const left = named ? Math.min(LABEL_SPACE, longest) + 8 : 0;
    const size = Math.min(LARGEST_CELL, (width - left) / Math.max(1, m));
    const upright = named && longestColumn > size - 6;
    const top = !named ? 4 : upright ? Math.min(LABEL_SPACE, longestColumn) + 8 : 22;
    const below = top + n * size + 14;
    const written = cells.every(
      ({ isSelf, value }) => isSelf || value === undefined || cellText(value, size),
    );
    const lines = [
      ...(n === 0 ? ["Nothing to show."] : []),
      ...(written ? [] : ["The numbers are in the table."]),
    ];
    const noteTop = below + COLOUR_BAR_HEIGHT;
    const height = noteTop + lines.length * NOTE_ROW;
    const middles = (all: readonly string[]) => all.map((_, i) => i + 0.5);
    const tickTexts = (all: readonly string[]) => ({
      text: (_: number, i: number) => shortened(all[i]!, LABEL_SPACE),
      title: (_: number, i: number) => all[i],
      label: null,
      tickSize: 0,
      tickPadding: 8,
    });
    const isNull = map.null !== undefined;
    return {
      width,
      height,
      marginTop: top,
      marginLeft: left,
      marginRight: width - left - m * size,
      marginBottom: height - top - n * size,
      x: { domain: [0, Math.max(1, m)], axis: null },
      y: { domain: [Math.max(1, n), 0], axis: null },
      marks: [
        named
          ? [
              plot.axisY(middles(names), tickTexts(names)),
              plot.axisX(middles(columns), {
                ...tickTexts(columns),
                anchor: "top",
                ...(upright ? { tickRotate: -90, textAnchor: "start" } : {}),
              }),
            ]
          : null,
        n > 0 ? drawCells(plot, cells, size) : null,
        colourBar(
          plot,
          {
            label: map.label,
            colours: Array.from({ length: HEAT_STEPS }, (_, i) => heatColour(i).fill),
            low: isNull ? `null ${fixed(map.null, 3)}` : fixed(low, 2),
            lowIsNull: isNull,
            high: "1",
          },
          below,
          width,
        ),
        placedTexts(plot, notes(lines, noteTop, width)),
      ],
    };
  };
  return { title: map.title, description: map.description, options };
}
