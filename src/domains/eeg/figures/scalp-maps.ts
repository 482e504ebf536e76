/**
 * @file Maps of quantities over the scalp side by side, with one scale for all: bands, moments,
 *   members.
 */

import { significant } from "../../../figures/number-text.ts";
import { COLOURS } from "../../../figures/palette.ts";
import { COLOUR_BAR_HEIGHT, colourBar } from "../../../figures/plot/colour-bar.ts";
import { markup } from "../../../figures/plot/own-marks.ts";
import { PIXELS, type Specification } from "../../../figures/plot/specification.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "../../../figures/plot/texts.ts";
import type { FigureWords } from "../../../figures/svg.ts";
import { shortened } from "../../../figures/text-width.ts";
import {
  amountColours,
  divergingColours,
  drawScalp,
  SCALP_REACH,
  type ScalpColours,
  type ScalpLayout,
  scalpSteps,
} from "./scalp.ts";

export interface ScalpMap {
  readonly name: string;
  /** A second line below the name. */
  readonly note?: string;
  /** One a channel. */
  readonly values: ArrayLike<number>;
}

export interface ScalpMaps extends FigureWords {
  readonly layout: ScalpLayout;
  readonly maps: readonly ScalpMap[];
  /** What the values are, for the colour bar. */
  readonly label: string;
  readonly kind: ScalpColours["kind"];
}

const MOST_COLUMNS = 3;
const LARGEST_RADIUS = 50;

/** One scale for all maps. */
function coloursOf({ layout, maps, kind }: ScalpMaps): ScalpColours {
  const all = maps.flatMap(({ values }) =>
    layout.electrodes.map(({ channel }) => values[channel] ?? Number.NaN),
  );
  return kind === "diverging" ? divergingColours(all) : amountColours(all);
}

/** Where a map and its texts go. */
interface Cell {
  readonly map: ScalpMap;
  /** Middle of the column, and top of the row. */
  readonly x: number;
  readonly top: number;
}

/** The name below a map, and its note. */
function mapTexts({ map, x, top }: Cell, reach: number, width: number): PlacedText[] {
  const { name, note } = map;
  const below = { x, y: top + 2 * reach + 6 + NOTE_ROW / 2, anchor: "middle" } as const;
  return [
    {
      ...below,
      text: shortened(name, width - 6),
      whole: name,
      fill: COLOURS.ink,
      strong: true,
    },
    ...(note === undefined
      ? []
      : [{ ...below, text: shortened(note, width - 6), whole: note, y: below.y + NOTE_ROW }]),
  ];
}

/** Scalp maps. */
export function scalpMaps(figure: ScalpMaps): Specification {
  const { maps, layout } = figure;
  const colours = coloursOf(figure);
  const lines = maps.some(({ note }) => note !== undefined) ? 2 : 1;
  const small = [
    ...(maps.length === 0 || layout.electrodes.length === 0 ? ["Nothing to show."] : []),
    ...(maps.length > 0 && layout.electrodes.length > 0 && !layout.weights
      ? ["Too few electrodes to map what lies between them."]
      : []),
  ];
  const [low, high] = [colours.low, colours.high].map((v) => significant(v, 2)) as [string, string];
  const options: Specification["options"] = (plot, whole) => {
    const columns = Math.min(MOST_COLUMNS, Math.max(1, maps.length));
    const width = whole / columns;
    const radius = Math.min(LARGEST_RADIUS, (width / 2 - 2) / SCALP_REACH);
    const reach = radius * SCALP_REACH;
    const row = 2 * reach + 6 + lines * NOTE_ROW + 8;
    const cells = maps.map((map, i): Cell => {
      const x = ((i % columns) + 0.5) * width;
      return { map, x, top: Math.floor(i / columns) * row };
    });
    const barTop = Math.ceil(maps.length / columns) * row + 4;
    const noteTop = barTop + COLOUR_BAR_HEIGHT;
    const bar = { label: figure.label, colours: scalpSteps(colours), low, high };
    return {
      width: whole,
      height: noteTop + small.length * NOTE_ROW,
      margin: 0,
      x: PIXELS,
      y: PIXELS,
      marks: [
        ...cells.map(({ map, x, top }) =>
          markup(drawScalp(layout, map.values, colours, { x, y: top + reach, radius })),
        ),
        colourBar(plot, bar, barTop, whole),
        placedTexts(plot, [
          ...cells.flatMap((cell) => mapTexts(cell, reach, width)),
          ...notes(small, noteTop, whole),
        ]),
      ],
    };
  };
  return { title: figure.title, description: figure.description, options };
}
