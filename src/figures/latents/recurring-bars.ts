/** @file Latents of each member by the number of other members that have them, as stacked bars. */

import { count } from "../number-text.ts";
import { COLOURS, HEAT_STEPS, heatColour } from "../palette.ts";
import { horizontalAxis } from "../plot/axis.ts";
import { axisBelow } from "../plot/frame.ts";
import type { Specification } from "../plot/specification.ts";
import { textWidth } from "../text-width.ts";

/** A member's latents. */
export interface RecurringMember {
  readonly name: string;
  /** Latents by the number of other members that have them, from 0 on. */
  readonly recurring: readonly number[];
}

const ROW = 24;
const BELOW = 26;

/** The bars. Those that all others have stand first. */
export function recurringBars(members: readonly RecurringMember[]): Specification {
  const most = Math.max(1, ...members.map(({ recurring }) => recurring.length - 1));
  const rows = members.flatMap(({ name, recurring }) => {
    let before = 0;
    return recurring
      .map((latents, found) => ({ name, found, latents }))
      .reverse()
      .map((row) => {
        before += row.latents;
        return { ...row, from: before - row.latents, to: before };
      });
  });
  const words = members.map(({ name, recurring }) => `${name}: ${recurring.join(", ")}`);
  const step = (found: number) => Math.round(((HEAT_STEPS - 2) * found) / most) + 1;
  return {
    title: "Latents of each member by how many other members have them",
    description: `From those that no other has on. ${words.join("; ")}.`,
    options(plot, width) {
      const left = Math.min(width / 3, Math.max(...members.map(({ name }) => textWidth(name)))) + 8;
      const ends = rows.map(({ to }) => to);
      const x = horizontalAxis({ label: "", values: [0, ...ends], whole: true }, width - left - 12);
      return {
        width,
        height: ROW * members.length + BELOW,
        marginTop: 0,
        marginLeft: left,
        marginRight: 12,
        marginBottom: BELOW,
        x: { domain: x.domain, axis: null },
        y: { domain: members.map(({ name }) => name), type: "band", axis: null, padding: 0.16 },
        marks: [
          plot.axisY({ tickSize: 0, label: null, fill: COLOURS.quiet }),
          axisBelow(plot, x),
          plot.rect(rows, {
            x1: "from",
            x2: "to",
            y: "name",
            insetRight: 0.5,
            fill: ({ found }: (typeof rows)[number]) => heatColour(step(found)).fill,
            title: ({ name, found, latents }: (typeof rows)[number]) =>
              `${name}: ${count(latents)} found in ${found}`,
          }),
        ],
      };
    },
  };
}

/** Fill of the latents that `found` of `most` other members have, for a legend. */
export function recurringFill(found: number, most: number): string {
  return heatColour(Math.round(((HEAT_STEPS - 2) * found) / Math.max(1, most)) + 1).fill;
}
