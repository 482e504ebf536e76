/** @file Every member of a sweep by its hyper-parameters: a figure for each numeric one. */

import type { Markup } from "../figures/html/html.ts";
import { figure } from "../figures/html/page.ts";
import { count } from "../figures/number-text.ts";
import { scatter } from "../figures/plot/scatter.ts";
import { METRICS } from "../metrics/registry.ts";
import { axisName } from "./sweep-axes.ts";
import { sweepCells } from "./sweep-cells.ts";
import type { SweepRunData } from "./sweep-data.ts";

/** A member with the setting that it has. */
interface PlacedMember {
  readonly axes: Readonly<Record<string, unknown>>;
  readonly fvu: number;
}

/** More figures than this repeat each other. */
const MOST_AXES = 6;
/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
const LOG_RATIO = 8;

function membersOf(runs: readonly SweepRunData[]): PlacedMember[] {
  return sweepCells(runs).flatMap(({ axes, parts }) =>
    parts.flatMap(({ members }) =>
      members.flatMap((member): PlacedMember[] => {
        const fvu = member.metrics["fvu"];
        return typeof fvu === "number" && Number.isFinite(fvu) ? [{ axes, fvu }] : [];
      }),
    ),
  );
}

/** Hyper-parameters with several values, all of them numbers. */
export function numericAxes(axes: readonly Readonly<Record<string, unknown>>[]): string[] {
  const keys = [...new Set(axes.flatMap((one) => Object.keys(one)))];
  return keys.filter((key) => {
    const values = new Set(axes.map((one) => one[key]));
    return values.size > 1 && [...values].every((v) => typeof v === "number" && Number.isFinite(v));
  });
}

function memberFigure(members: readonly PlacedMember[], axis: string, other: string | undefined) {
  const x = members.map(({ axes }) => axes[axis] as number);
  const [low, high] = [Math.min(...x), Math.max(...x)];
  const name = axisName(axis);
  const { label } = METRICS.get("fvu")!;
  const title = `${label} of every member over ${name}`;
  const drawing = scatter({
    title,
    description: `${count(members.length)} members, each a dot at its ${name} and its ${label}.`,
    x,
    y: members.map(({ fvu }) => fvu),
    xLabel: name,
    yLabel: `${label} of the member`,
    xKind: low > 0 && high / low >= LOG_RATIO ? "log" : "linear",
    xInclude: [],
    yInclude: [],
    what: "members",
    ...(other === undefined
      ? {}
      : {
          colour: {
            label: axisName(other),
            values: members.map(({ axes }) => axes[other] as number),
          },
        }),
  });
  const colours = other === undefined ? "" : ` Colours: ${axisName(other)}.`;
  return figure(drawing, title, `Held-out FVU, lower is better; all runs and seeds.${colours}`);
}

/**
 * FVU of all members over each numeric hyper-parameter, coloured by another one where there is one;
 * nothing for a sweep without.
 */
export function memberFigures(runs: readonly SweepRunData[]): Markup[] {
  const members = membersOf(runs);
  const axes = numericAxes(members.map((member) => member.axes));
  return axes.slice(0, MOST_AXES).map((axis) => {
    const other = axes.find(
      (one) => one !== axis && members.every(({ axes: own }) => (own[one] as number) > 0),
    );
    return memberFigure(members, axis, other);
  });
}
