/** @file The partners of one latent on an axis of cosines, with the null and where one counts. */

import { fixed } from "../number-text.ts";
import { COLOURS, seriesColour } from "../palette.ts";
import type { Specification } from "../plot/specification.ts";
import { NULL_LINE } from "../plot/styles.ts";

/** Partners of a latent. */
export interface PartnerStrip {
  readonly partners: readonly {
    readonly member: string;
    readonly cosine: number;
    /** Whether the cosine counts: such dots are filled. */
    readonly counts: boolean;
  }[];
  readonly threshold: number;
  /** Mean cosine of matched random atoms; null where it is not known. */
  readonly null: number | null;
}

const [TOP, BOTTOM, MIDDLE] = [22, 24, 10];

/** A strip of dots. */
export function partnerStrip({ partners, threshold, null: nothing }: PartnerStrip): Specification {
  const words = partners.map(({ member, cosine }) => `${member} ${fixed(cosine, 3)}`);
  const least = Math.min(0, ...partners.map(({ cosine }) => cosine));
  const label = { dy: -MIDDLE - 7, textAnchor: "middle" } as const;
  const nulls = nothing === null ? [] : [nothing];
  return {
    title: "Cosine with the partner in each other member",
    description: `${words.join(", ")}. ${nothing === null ? "" : `Null ${fixed(nothing, 3)}.`}`,
    options: (plot, width) => ({
      width,
      height: TOP + BOTTOM + 2 * MIDDLE,
      marginLeft: 10,
      marginRight: 10,
      marginTop: TOP,
      marginBottom: BOTTOM,
      x: { domain: [least, 1], axis: null },
      y: { domain: [-1, 1], axis: null },
      marks: [
        plot.ruleY([0], { stroke: COLOURS.rule, strokeWidth: 1.5 }),
        plot.axisX([0, 0.25, 0.5, 0.75, 1], {
          tickFormat: (tick: number) => String(tick),
          tickSize: 0,
          color: COLOURS.quiet,
          label: null,
        }),
        plot.ruleX([threshold], { stroke: COLOURS.quiet }),
        plot.text([threshold], {
          x: (at: number) => at,
          y: () => 0,
          text: () => `counts from ${fixed(threshold, 2)}`,
          fill: COLOURS.quiet,
          ...label,
        }),
        plot.ruleX(nulls, { ...NULL_LINE, strokeWidth: 2 }),
        plot.text(nulls, {
          x: (at: number) => at,
          y: () => 0,
          text: () => "null",
          fill: COLOURS.null,
          ...label,
        }),
        plot.dot(partners, {
          x: "cosine",
          y: () => 0,
          r: 5,
          fill: ({ counts }: PartnerStrip["partners"][number]) =>
            counts ? seriesColour(0) : COLOURS.surface,
          stroke: seriesColour(0),
          strokeWidth: 1.5,
          title: (_: unknown, i: number) => words[i],
        }),
      ],
    }),
  };
}
