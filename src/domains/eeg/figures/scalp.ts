/**
 * @file A head from above with a quantity over it: colours between the electrodes by spherical
 *   splines, outline, nose, ears and a dot for every electrode. A mark for figures to place, not a
 *   figure.
 */

import { significant } from "../../../figures/number-text.ts";
import {
  COLOURS,
  DIVERGING_STEPS,
  divergingColour,
  HEAT_STEPS,
  heatColour,
} from "../../../figures/palette.ts";
import { coordinate, element, tooltip } from "../../../figures/svg.ts";
import { isNumberedCap, parseChannelLabel } from "../signal/channel-labels.ts";
import {
  electrodeMapPosition,
  electrodePosition,
  type Point2,
  type Point3,
} from "../signal/electrodes.ts";
import { sphericalSpline } from "../signal/spherical-spline.ts";
import {
  DISK_RINGS,
  DISK_SPOKES,
  diskPoints,
  outlinesAbove,
  type PolarPoint,
} from "./disk-contours.ts";

/**
 * The channels that have a place on the scalp, and how values between them follow. Made once for
 * any number of maps.
 */
export interface ScalpLayout {
  readonly electrodes: readonly {
    /** Position among the channels. */
    readonly channel: number;
    readonly name: string;
    readonly at: Point2;
  }[];
  /**
   * From the electrodes to the points of the disk, [points × electrodes]; undefined where there are
   * too few.
   */
  readonly weights: Float64Array | undefined;
}

/**
 * Values of either sign from `low` = −`high` around a quiet zero, or amounts from `low` to `high`.
 */
export interface ScalpColours {
  readonly kind: "diverging" | "amount";
  readonly low: number;
  readonly high: number;
}

/** A scale for values of either sign, as far to both sides. */
export function divergingColours(values: readonly number[]): ScalpColours {
  const high = values.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  return { kind: "diverging", low: -high, high };
}

/** A scale for amounts, from the smallest to the largest. */
export function amountColours(values: readonly number[]): ScalpColours {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return { kind: "amount", ...(finite.length > 0 ? { low, high } : { low: 0, high: 0 }) };
}

/** Where the head goes: its middle (Cz), and how far the equator of the 10–20 system is from it. */
export interface ScalpPlace {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * With fewer electrodes a map between them would be invented: only they themselves are coloured
 * then.
 */
const FEWEST_INTERPOLATED = 8;

/**
 * The outline of the head, in shares of the equator's radius: a little below the lowest of the
 * usual electrodes.
 */
const RIM = 1.12;

/** Values beyond this have no differences that a scale could be made of. */
const LARGEST = 1e300;

/**
 * The farthest that anything of a head reaches from its middle (nose, ears, the lowest electrodes),
 * in the same shares.
 */
export const SCALP_REACH = 1.3;

/**
 * The point of the scalp that a point of the disk shows: the inverse of the map projection of
 * `electrodeMapPosition`.
 */
function scalpPoint({ radius, turn }: PolarPoint): Point3 {
  const inclination = (radius * RIM * Math.PI) / 2;
  const flat = Math.sin(inclination);
  const angle = 2 * Math.PI * turn;
  return [flat * Math.sin(angle), flat * Math.cos(angle), Math.cos(inclination)];
}

/**
 * Finds the channels whose labels name an electrode of the 10–10 system; each place counts once.
 * Differences of electrodes and caps with a numbering of their own have no place.
 */
export function scalpElectrodes(labels: readonly string[]): ScalpLayout["electrodes"] {
  const electrodes: ScalpLayout["electrodes"][number][] = [];
  const numbered = isNumberedCap(labels);
  for (const [channel, label] of labels.entries()) {
    const parsed = parseChannelLabel(label);
    if (numbered || parsed.kind !== "electrode") continue;
    const at = electrodeMapPosition(parsed.name);
    if (at && !electrodes.some(({ name }) => name === parsed.name))
      electrodes.push({ channel, name: parsed.name, at });
  }
  return electrodes;
}

/** Places channels on the scalp, and prepares maps between them. */
export function scalpLayout(labels: readonly string[]): ScalpLayout {
  const electrodes = scalpElectrodes(labels);
  const weights =
    electrodes.length < FEWEST_INTERPOLATED
      ? undefined
      : sphericalSpline(
          electrodes.map(({ name }) => electrodePosition(name)!),
          diskPoints().map(scalpPoint),
        );
  return { electrodes, weights };
}

/** The colours from the lowest to the highest. */
export function scalpSteps({ kind }: ScalpColours): string[] {
  return kind === "diverging"
    ? Array.from({ length: DIVERGING_STEPS }, (_, i) => divergingColour(i))
    : Array.from({ length: HEAT_STEPS }, (_, i) => heatColour(i).fill);
}

/** Where each colour but the first begins. */
function thresholds(colours: ScalpColours): number[] {
  const { low, high } = colours;
  const steps = scalpSteps(colours).length;
  return Array.from({ length: steps - 1 }, (_, i) => {
    const t = (i + 1) / steps;
    return low * (1 - t) + high * t;
  });
}

function colourOf(value: number, colours: ScalpColours): string {
  const step = thresholds(colours).filter((t) => value >= t).length;
  return scalpSteps(colours)[step]!;
}

/** A coordinate to a tenth of a pixel: outlines of areas need no more. */
function tenth(value: number): string {
  return String(Math.round(value * 10) / 10 || 0);
}

/**
 * Colours between the electrodes: the lowest all over, and on it the regions above each threshold.
 */
function colouredDisk(
  values: Float64Array,
  colours: ScalpColours,
  { x, y, radius }: ScalpPlace,
): string {
  const r = radius * RIM;
  const grid = { rings: DISK_RINGS, spokes: DISK_SPOKES, values };
  const place = (p: PolarPoint) => {
    const angle = 2 * Math.PI * p.turn;
    return `${tenth(x + r * p.radius * Math.sin(angle))} ${tenth(y - r * p.radius * Math.cos(angle))}`;
  };
  const fills = scalpSteps(colours);
  let base = fills[0]!;
  const regions: string[] = [];
  for (const [i, threshold] of thresholds(colours).entries()) {
    const fill = fills[i + 1]!;
    if (values.every((v) => v >= threshold)) {
      base = fill;
      continue;
    }
    const outlines = outlinesAbove(grid, threshold);
    if (outlines.length === 0) break;
    const d = outlines.map((outline) => `M${outline.map(place).join("L")}Z`).join("");
    regions.push(element("path", { d, fill, "fill-rule": "evenodd" }));
  }
  return [element("circle", { cx: x, cy: y, r, fill: base }), ...regions].join("");
}

/** Nose at the top and ears at the sides, as lines. */
function noseAndEars({ x, y, radius }: ScalpPlace): string {
  const at = (right: number, up: number) =>
    `${coordinate(x + right * radius)} ${coordinate(y - up * radius)}`;
  const [side, up] = [0.16, Math.sqrt(RIM ** 2 - 0.16 ** 2)];
  const nose = `M${at(-side, up)}L${at(0, SCALP_REACH - 0.02)}L${at(side, up)}`;
  const ear = (sign: number) => {
    const curve = Array.from({ length: 9 }, (_, i) => {
      const angle = Math.PI * (i / 8 - 0.5);
      return at(sign * (RIM - 0.01 + 0.1 * Math.cos(angle)), 0.25 * Math.sin(angle));
    });
    return `M${curve.join("L")}`;
  };
  return nose + ear(1) + ear(-1);
}

const EDGE = { stroke: COLOURS.surface, "stroke-width": 0.6 };
const RING = { stroke: COLOURS.quiet, fill: "none" };

/**
 * A head as SVG text.
 *
 * @param values One a channel; electrodes whose value is not finite are hollow, and then nothing is
 *   drawn between electrodes.
 */
export function drawScalp(
  layout: ScalpLayout,
  values: ArrayLike<number>,
  colours: ScalpColours,
  place: ScalpPlace,
): string {
  const { electrodes, weights } = layout;
  const { x, y, radius } = place;
  const own = electrodes.map(({ channel }) => values[channel] ?? Number.NaN);
  const scaled = colours.low < colours.high && Math.abs(colours.high) < LARGEST;
  const usable = scaled && own.every(Number.isFinite);
  const between = usable && weights !== undefined;
  const n = electrodes.length;
  const interpolated = (k: number) => own.reduce((sum, v, i) => sum + v * weights![k * n + i]!, 0);
  const dots = electrodes.map(({ name, at }, i) => {
    const value = own[i]!;
    const spot = { cx: x + at[0] * radius, cy: y - at[1] * radius };
    const tip = tooltip(`${name}: ${significant(value, 3)}`);
    if (between) return element("circle", { ...spot, r: n > 40 ? 1.4 : 1.8, ...EDGE }, tip);
    const known = scaled && Number.isFinite(value);
    const fill = known ? colourOf(value, colours) : "none";
    return element("circle", { ...spot, r: 5, ...RING, fill }, tip);
  });
  const ink = { stroke: COLOURS.ink, fill: "none" };
  return element("g", {}, [
    element("path", { d: noseAndEars(place), "stroke-linejoin": "round", ...ink }),
    between
      ? colouredDisk(
          Float64Array.from({ length: weights.length / n }, (_, k) => interpolated(k)),
          colours,
          place,
        )
      : "",
    element("circle", { cx: x, cy: y, r: radius * RIM, "stroke-width": 1.25, ...ink }),
    ...dots,
  ]);
}
