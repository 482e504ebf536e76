/** @file Atoms on a map, one dot each, in the colours that somebody gives them. No axes. */

import { count } from "../number-text.ts";
import { markRadius } from "../plot/scatter.ts";
import type { Specification } from "../plot/specification.ts";

/** Atoms on a map. */
export interface AtomMap {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Colour of each dot: a variable of the palette, `--fig-c0`. */
  readonly colours: readonly string[];
  readonly height: number;
}

/** The map. Dots of one colour are one mark, so that it is written once. */
export function atomMap({ x, y, colours, height }: AtomMap): Specification {
  const byColour = new Map<string, number[]>();
  for (const [i, colour] of colours.entries()) {
    const some = byColour.get(colour);
    if (some) some.push(i);
    else byColour.set(colour, [i]);
  }
  return {
    title: "Map of the atoms of all members",
    description: `${count(x.length)} dots; atoms that are alike lie near each other.`,
    options: (plot, width) => ({
      width,
      height,
      margin: 8,
      x: { axis: null },
      y: { axis: null },
      marks: [...byColour].map(([colour, some]) =>
        plot.dot(some, {
          x: (i: number) => x[i],
          y: (i: number) => y[i],
          r: markRadius(x.length) + 0.5,
          fill: `var(${colour})`,
          fillOpacity: 0.75,
        }),
      ),
    }),
  };
}
