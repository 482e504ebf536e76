/**
 * @file Maps of quantities over the scalp side by side, with one scale for all: bands, moments,
 *   members.
 */

import { NOTE_ROW, noteRows } from "../../../figures/cartesian-frame.ts";
import { COLOUR_BAR_HEIGHT, colourBar } from "../../../figures/colour-bar.ts";
import { significant } from "../../../figures/number-text.ts";
import { FIGURE_WIDTH, type FigureWords, figureSvg, textAt } from "../../../figures/svg.ts";
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

/** Scalp maps as SVG text. */
export function scalpMaps(figure: ScalpMaps): string {
  const { maps, layout } = figure;
  const columns = Math.min(MOST_COLUMNS, Math.max(1, maps.length));
  const width = FIGURE_WIDTH / columns;
  const radius = Math.min(LARGEST_RADIUS, (width / 2 - 2) / SCALP_REACH);
  const reach = radius * SCALP_REACH;
  const lines = maps.some(({ note }) => note !== undefined) ? 2 : 1;
  const row = 2 * reach + 6 + lines * NOTE_ROW + 8;
  const colours = coloursOf(figure);
  const heads = maps.map(({ name, note, values }, i) => {
    const x = ((i % columns) + 0.5) * width;
    const top = Math.floor(i / columns) * row;
    const below = top + 2 * reach + 6 + NOTE_ROW / 2;
    return [
      drawScalp(layout, values, colours, { x, y: top + reach, radius }),
      textAt(shortened(name, width - 6), {
        x,
        y: below,
        anchor: "middle",
        class: "strong",
        whole: name,
      }),
      note === undefined
        ? ""
        : textAt(shortened(note, width - 6), {
            x,
            y: below + NOTE_ROW,
            anchor: "middle",
            class: "quiet",
            whole: note,
          }),
    ].join("");
  });
  const barTop = Math.ceil(maps.length / columns) * row + 4;
  const notes = [
    ...(maps.length === 0 || layout.electrodes.length === 0 ? ["Nothing to show."] : []),
    ...(maps.length > 0 && layout.electrodes.length > 0 && !layout.weights
      ? ["Too few electrodes to map what lies between them."]
      : []),
  ];
  const [low, high] = [colours.low, colours.high].map((v) => significant(v, 2)) as [string, string];
  const bar = { label: figure.label, steps: scalpSteps(colours), low, high };
  const noteTop = barTop + COLOUR_BAR_HEIGHT;
  return figureSvg(noteTop + notes.length * NOTE_ROW, figure, [
    ...heads,
    colourBar(bar, barTop),
    noteRows(notes, noteTop),
  ]);
}
