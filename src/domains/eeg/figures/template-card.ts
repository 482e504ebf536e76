/**
 * @file A spatio-temporal template in one picture. It has its map over the scalp at its strongest
 *   moment, its course over time in every channel, and its spectrum. It also says how near the
 *   templates are that it was matched with.
 */

import { mean } from "../../../base/statistics/mean.ts";
import { fixed, significant } from "../../../figures/number-text.ts";
import { COLOURS, seriesColour } from "../../../figures/palette.ts";
import {
  type AxisOptions,
  horizontalAxis,
  placed,
  tickOverhang,
} from "../../../figures/plot/axis.ts";
import { axisBelow } from "../../../figures/plot/frame.ts";
import { legend } from "../../../figures/plot/legend.ts";
import { inset, markup } from "../../../figures/plot/own-marks.ts";
import {
  type Marks,
  PIXELS,
  type Plot,
  px,
  type Specification,
} from "../../../figures/plot/specification.ts";
import { NULL_LINE, seriesLine } from "../../../figures/plot/styles.ts";
import { placedTexts } from "../../../figures/plot/texts.ts";
import type { FigureWords } from "../../../figures/svg.ts";
import { shortened, strongWidth, textWidth } from "../../../figures/text-width.ts";
import { type Point, thinnedCurve } from "../../../figures/thinning.ts";
import { EEG_BANDS } from "../signal/band-powers.ts";
import { bandOf, type TemplateCourse, type TemplateFacts } from "../signal/template.ts";
import { divergingColours, drawScalp, SCALP_REACH, type ScalpLayout } from "./scalp.ts";

/** The template of another dictionary that this one was matched with. */
export interface TemplateMatch {
  readonly name: string;
  readonly cosine: number;
  /** No coupling touched it: what agrees with it agrees for no other reason than the data. */
  readonly independent: boolean;
}

export interface TemplateCard extends FigureWords {
  readonly facts: TemplateFacts;
  readonly channels: readonly string[];
  readonly layout: ScalpLayout;
  /** Undefined where others say it: then the picture has no room for it. */
  readonly matches?: readonly TemplateMatch[] | undefined;
  /** The mean cosine that matching gives unrelated dictionaries. */
  readonly null?: number | undefined;
}

const HEAD_RADIUS = 48;
const HEAD_TOP = 28;
const MOST_POINTS = 250;
/** Between the head and the plots. */
const GAP = 18;
/** To the right of the plots, for half of the last tick's text. */
const RIGHT = 12;
/** Where the parts beside the head begin, and how high the plot in each is. */
const WAVES = { top: 0, height: 72 };
const SPECTRUM = { top: 120, height: 50 };
const AGREEMENT = 238;
/** Height of a picture that says nothing of matches. */
const WITHOUT_AGREEMENT = 216;
/** Above the plot of a part, for its name, and below it, for its ticks. */
const NAME = 20;
const TICKS = 24;

/** A small plot: its name above it, an axis below it. */
interface Part {
  readonly name: string;
  readonly x: AxisOptions;
  readonly y: readonly [number, number];
  readonly height: number;
  readonly marks: Marks;
}

/** A part in the room right of `left`, from `top` down. */
function drawPart(plot: Plot, part: Part, left: number, top: number, width: number): Marks {
  const axis = horizontalAxis(part.x, width - left - RIGHT);
  const [first, last] = tickOverhang(axis);
  const options = {
    width,
    height: NAME + part.height + TICKS,
    marginTop: NAME,
    marginBottom: TICKS,
    marginLeft: Math.max(left, first),
    marginRight: Math.max(RIGHT, last),
    x: { domain: axis.domain, axis: null },
    y: { domain: part.y, axis: null, clamp: true },
    marks: [
      part.marks,
      plot.frame({ anchor: "bottom", stroke: COLOURS.quiet }),
      axisBelow(plot, axis),
      placedTexts(plot, [
        { text: shortened(part.name, width - left), whole: part.name, x: left, y: NAME - 11 },
      ]),
    ],
  };
  return [inset(plot, options, { x: 0, y: top })];
}

/** The courses of channels, the strongest one in colour, and the moment of the map. */
function waves(plot: Plot, { facts, channels }: TemplateCard): Part {
  const { courses, samples, rate } = facts;
  let most = 0;
  for (const { values } of courses)
    for (let i = 0; i < samples; i++)
      most = Math.max(most, Math.abs(placed(values[i], "linear")) || 0);
  const curve = ({ channel, values }: TemplateCourse) => {
    const points = Array.from({ length: samples }, (_, i) => ({
      x: i / rate,
      y: placed(values[i], "linear"),
      c: channel,
    }));
    return thinnedCurve(points, MOST_POINTS);
  };
  const [strongest, ...rest] = courses;
  const others = [...rest].sort((a, b) => a.channel - b.channel);
  const name = strongest && channels[strongest.channel]!;
  const line = { x: "x", y: "y", z: "c" } as const;
  const limit = 1.08 * (most || 1);
  return {
    name: `over seconds${name === undefined ? "" : `, ${name} in colour`}`,
    x: { label: "s", values: [0, samples / rate], whole: false },
    y: [-limit, limit],
    height: WAVES.height,
    marks: [
      plot.line(others.flatMap(curve), {
        ...line,
        stroke: COLOURS.pale,
        strokeWidth: 1,
      }),
      strongest === undefined
        ? null
        : plot.line(curve(strongest), { ...line, title: () => name, ...seriesLine(0) }),
      plot.ruleX([facts.peak / rate], { stroke: COLOURS.quiet }),
    ],
  };
}

/** Mean power over the EEG's bands, from zero to its largest bin. */
function spectrum(plot: Plot, { spectrum, peakFrequency }: TemplateFacts): Part {
  const { frequencies, density } = spectrum;
  const end = EEG_BANDS.gamma[1];
  const bins = [...frequencies.keys()].filter((k) => frequencies[k]! <= end);
  const points: readonly Point[] = thinnedCurve(
    bins.map((k) => ({ x: frequencies[k]!, y: placed(density[k], "linear") || 0 })),
    MOST_POINTS,
  );
  const band = peakFrequency === undefined ? undefined : bandOf(peakFrequency);
  const peak =
    peakFrequency === undefined ? "no power" : `peak ${significant(peakFrequency, 3)} (${band})`;
  return {
    name: `spectrum, Hz: ${peak}`,
    x: { label: "Hz", values: [0, end] },
    y: [0, Math.max(0, ...points.map(({ y }) => y)) || 1],
    height: SPECTRUM.height,
    marks: [
      plot.areaY(points, { x: "x", y: "y", fill: seriesColour(0), fillOpacity: 0.22 }),
      plot.line(points, { x: "x", y: "y", ...seriesLine(0) }),
    ],
  };
}

/** A row of the figure from `top` down. */
interface Row {
  readonly height: number;
  readonly marks: Marks;
}

/** Cosines with the matches on an axis from 0 to 1, their null, and their means in words. */
function agreement(plot: Plot, card: TemplateCard, top: number, width: number): Row {
  if (!card.matches) return { marks: [], height: WITHOUT_AGREEMENT - top };
  const known = card.matches.filter(({ cosine }) => Number.isFinite(cosine));
  if (known.length === 0) {
    const none = { text: "no other member to match it with", x: 0, y: top + 8 };
    return { marks: placedTexts(plot, [none]), height: 18 };
  }
  const nulls = card.null !== undefined && Number.isFinite(card.null) ? [card.null] : [];
  const inside = known.filter((m) => !m.independent);
  const outside = known.filter((m) => m.independent);
  const nullText = nulls.map((v) => `null ${fixed(v, 3)}`).join("");
  const value = fixed(mean((inside.length > 0 ? inside : outside).map((m) => m.cosine)), 3);
  const valueRight = width - (nullText === "" ? 0 : textWidth(nullText) + 12);
  const label = shortened("cosine with its matches", valueRight - strongWidth(value) - 12);
  const axis = horizontalAxis(
    { label, values: known.map((m) => m.cosine), include: [0, 1], whole: false },
    width - 20,
  );
  const margin = Math.max(10, ...tickOverhang(axis));
  const line = top + 28;
  const names = legend(
    outside.length === 0
      ? []
      : [
          { text: "members", mark: { fill: 0 } },
          { text: "independent members", mark: { fill: 1 } },
        ],
    width,
    line + 24,
  );
  const cosines = {
    width,
    height: 28 + TICKS,
    marginTop: 10,
    marginBottom: TICKS,
    marginLeft: margin,
    marginRight: margin,
    x: { domain: axis.domain, axis: null, clamp: true },
    y: PIXELS,
    marks: [
      plot.frame({ anchor: "bottom", stroke: COLOURS.quiet }),
      axisBelow(plot, axis),
      plot.ruleX(nulls, { y1: px(() => 19), y2: px(() => 37), ...NULL_LINE }),
      plot.dot(known, {
        x: "cosine",
        y: px(() => 28),
        r: 4,
        fill: ({ independent }: TemplateMatch) => seriesColour(independent ? 1 : 0),
        fillOpacity: 0.45,
        title: ({ name, cosine }: TemplateMatch) => `${name}: ${fixed(cosine, 3)}`,
      }),
    ],
  };
  const marks = [
    inset(plot, cosines, { x: 0, y: top }),
    names.marks(plot),
    placedTexts(plot, [
      { text: label, x: 0, y: top + 8, fill: COLOURS.ink },
      { text: value, x: valueRight, y: top + 8, anchor: "end", fill: COLOURS.ink, strong: true },
      { text: nullText, x: width, y: top + 8, anchor: "end", fill: COLOURS.null },
    ]),
  ];
  return { marks, height: 50 + names.height };
}

/**
 * A template card. Without electrodes that have a place there is no map, and the plots take its
 * room.
 */
export function templateCard(card: TemplateCard): Specification {
  const { facts, layout } = card;
  const mapped = layout.electrodes.length > 0;
  const reach = HEAD_RADIUS * SCALP_REACH;
  const left = mapped ? 2 * reach + GAP : 10;
  const colours = divergingColours(layout.electrodes.map((e) => facts.map[e.channel]!));
  const moment = `at ${significant(facts.peak / facts.rate, 3)} s`;
  const options: Specification["options"] = (plot, width) => {
    const below = agreement(plot, card, AGREEMENT, width);
    const place = { x: reach, y: HEAD_TOP + reach, radius: HEAD_RADIUS };
    const momentY = HEAD_TOP + 2 * reach + 16;
    return {
      width,
      height: AGREEMENT + below.height,
      margin: 0,
      x: PIXELS,
      y: PIXELS,
      marks: [
        mapped
          ? [
              markup(drawScalp(layout, facts.map, colours, place)),
              placedTexts(plot, [{ text: moment, x: reach, y: momentY, anchor: "middle" }]),
            ]
          : null,
        drawPart(plot, waves(plot, card), left, WAVES.top, width),
        drawPart(plot, spectrum(plot, facts), left, SPECTRUM.top, width),
        below.marks,
      ],
    };
  };
  return { title: card.title, description: card.description, options };
}
