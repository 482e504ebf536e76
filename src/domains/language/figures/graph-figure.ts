/** @file The ablation graph: latents, and those of a later layer that change without them. */

import { COLOURS, seriesColour } from "../../../figures/palette.ts";
import { type LegendItem, legend } from "../../../figures/plot/legend.ts";
import { PIXELS, px, type Specification } from "../../../figures/plot/specification.ts";
import { seriesLine } from "../../../figures/plot/styles.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "../../../figures/plot/texts.ts";
import { shortened } from "../../../figures/text-width.ts";
import type { AblationGraph } from "../causal/graph/edges.ts";

/** Edges of an ablated latent, at most, and ablated latents. */
const MOST_EDGES = 3;
const MOST_LATENTS = 24;

const ROW = 20;
const LABEL_WIDTH = 64;
const THICKEST = 6;

/** An edge that the control does not reach. */
interface Edge {
  readonly from: number;
  readonly to: number;
  readonly change: number;
}

/** The edges that are drawn, and how many latents have none. */
function drawnEdges({ latents }: AblationGraph): { edges: Edge[]; without: number; more: number } {
  const strong = latents.map(({ latent: from, drawn_largest: drawn, edges }) =>
    edges
      .filter(({ change }) => Math.abs(change) > drawn)
      .slice(0, MOST_EDGES)
      .map(({ latent: to, change }): Edge => ({ from, to, change })),
  );
  const some = strong.filter((edges) => edges.length > 0);
  return {
    edges: some.slice(0, MOST_LATENTS).flat(),
    without: latents.length - some.length,
    more: Math.max(0, some.length - MOST_LATENTS),
  };
}

/** Latents behind, in the order that crosses few lines: by the mean place of what changes them. */
function laterInOrder(edges: readonly Edge[], place: ReadonlyMap<number, number>): number[] {
  const mean = (to: number) => {
    const own = edges.filter((edge) => edge.to === to);
    const weight = own.reduce((sum, { change }) => sum + Math.abs(change), 0);
    return own.reduce((sum, e) => sum + (place.get(e.from)! * Math.abs(e.change)) / weight, 0);
  };
  return [...new Set(edges.map(({ to }) => to))].sort((a, b) => mean(a) - mean(b) || a - b);
}

/** The strongest edges of the graph, thicker where a latent changes by more. */
export function graphFigure(graph: AblationGraph): Specification {
  const { model, from, to, tokens } = graph;
  const { edges, without, more } = drawnEdges(graph);
  const left = [...new Set(edges.map((edge) => edge.from))];
  const right = laterInOrder(edges, new Map(left.map((latent, i) => [latent, i])));
  const largest = Math.max(...edges.map(({ change }) => Math.abs(change)), 0);
  const items: LegendItem[] = [
    { text: "falls without it", mark: seriesLine(0) },
    { text: "rises without it", mark: seriesLine(1) },
  ];
  const lines = [
    ...(edges.length > 0
      ? [`The thickest line is a mean change of ${largest.toPrecision(3)}.`]
      : ["No latent changes more than without a drawn direction."]),
    ...(without > 0 ? [`${without} ablated latents have no such edge.`] : []),
    ...(more > 0 ? [`${more} more ablated latents are not drawn.`] : []),
  ];
  return {
    title: "Which latents change without an earlier one",
    description: `${model}, from ${from.name} at ${from.hook} to ${to.name} at ${to.hook}, ${tokens} tokens. A latent on the left is ablated where it is active; lines lead to the latents that change most at those tokens. Lines are left out where the same amounts, taken off along a drawn direction, change some latent as much.`,
    options(plot, width) {
      const names = legend(items, width);
      const top = names.height + 2 * ROW;
      const height = Math.max(left.length, right.length) * ROW;
      const yOf = (all: readonly number[], latent: number) =>
        top + ((all.indexOf(latent) + 0.5) * height) / all.length;
      const [x1, x2] = [LABEL_WIDTH, width - LABEL_WIDTH];
      const heading = (whole: string) => {
        const text = shortened(whole, width / 2 - 8);
        return { text, whole, y: names.height + ROW, fill: COLOURS.ink };
      };
      const label = (latent: number, isLeft: boolean): PlacedText => ({
        text: String(latent),
        x: isLeft ? x1 - 6 : x2 + 6,
        y: yOf(isLeft ? left : right, latent),
        anchor: isLeft ? "end" : "start",
        fill: COLOURS.ink,
      });
      return {
        width,
        height: top + height + lines.length * NOTE_ROW + 10,
        margin: 0,
        x: PIXELS,
        y: PIXELS,
        marks: [
          names.marks(plot),
          plot.link(edges, {
            x1: px(() => x1),
            x2: px(() => x2),
            y1: px((edge: Edge) => yOf(left, edge.from)),
            y2: px((edge: Edge) => yOf(right, edge.to)),
            stroke: ({ change }: Edge) => seriesColour(change < 0 ? 0 : 1),
            strokeWidth: {
              value: ({ change }: Edge) => Math.max(0.75, (THICKEST * Math.abs(change)) / largest),
              scale: null,
            },
            strokeOpacity: 0.75,
            title: (edge: Edge) => `${edge.from} → ${edge.to}: ${edge.change.toPrecision(3)}`,
          }),
          placedTexts(plot, [
            { ...heading(from.hook), x: 0 },
            { ...heading(to.hook), x: width, anchor: "end" },
            ...left.map((latent) => label(latent, true)),
            ...right.map((latent) => label(latent, false)),
            ...notes(lines, top + height + 6, width),
          ]),
        ],
      };
    },
  };
}
