/**
 * @file A spatio-temporal template in one picture. It has its map over the scalp at its strongest
 *   moment, its course over time by channel, and its spectrum. It can also say how near the
 *   templates are that it was matched with.
 */

import { mean } from "../../../base/statistics/mean.ts";
import { horizontalScale, tickRow } from "../../../figures/cartesian-frame.ts";
import { legend } from "../../../figures/legend.ts";
import { fixed, significant } from "../../../figures/number-text.ts";
import { relativePath } from "../../../figures/relative-path.ts";
import { makeScale, type Scale } from "../../../figures/scale.ts";
import {
  coordinate,
  element,
  FIGURE_WIDTH,
  type FigureWords,
  figureSvg,
  textAt,
  tooltip,
} from "../../../figures/svg.ts";
import { STRONG_WIDTH, shortened, textWidth } from "../../../figures/text-width.ts";
import { thinnedCurve } from "../../../figures/thinning.ts";
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

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const HEAD_RADIUS = 48;
const MOST_POINTS = 250;
/** Between the head and the plots. */
const GAP = 18;
const WAVES: Omit<Box, "left"> = { right: FIGURE_WIDTH - 12, top: 20, bottom: 92 };
const SPECTRUM: Omit<Box, "left"> = { right: FIGURE_WIDTH - 12, top: 140, bottom: 190 };
const AGREEMENT = 238;
/** Height of a picture that says nothing of matches. */
const WITHOUT_AGREEMENT = 216;

/** An axis below a plot with its ticks, and the name of the plot above it. */
function frame(box: Box, x: Scale, name: string): string {
  const ticks = x.ticks.map((t) => `M${coordinate(t.at)} ${coordinate(box.bottom)}v4`).join("");
  const shown = shortened(name, FIGURE_WIDTH - box.left);
  return [
    element("path", {
      d: `M${coordinate(box.left)} ${coordinate(box.bottom)}H${coordinate(box.right)}${ticks}`,
      class: "axis",
    }),
    tickRow(x.ticks, box.bottom + 13),
    textAt(shown, { x: box.left, y: box.top - 11, class: "quiet", whole: name }),
  ].join("");
}

/** The courses of channels, the strongest one in colour, and the moment of the map. */
function waves({ facts, channels }: TemplateCard, box: Box): string {
  const { courses, samples, rate } = facts;
  const seconds = samples / rate;
  const x = horizontalScale({ label: "s", values: [0, seconds] }, [box.left, box.right]);
  let most = 0;
  for (const { values } of courses)
    for (let i = 0; i < samples; i++)
      if (Number.isFinite(values[i])) most = Math.max(most, Math.abs(values[i]!));
  const y = makeScale([], { range: [box.bottom - 3, box.top + 3], include: [-most, most] });
  const curve = ({ values }: TemplateCourse) => {
    const points = Array.from({ length: samples }, (_, i) => ({
      x: x.at(i / rate),
      y: y.at(values[i]!),
    }));
    return thinnedCurve(points, MOST_POINTS);
  };
  const [strongest, ...rest] = courses;
  const others = [...rest].sort((a, b) => a.channel - b.channel);
  const moment = coordinate(x.at(facts.peak / rate));
  const name = strongest && channels[strongest.channel]!;
  return [
    frame(box, x, `over seconds${name === undefined ? "" : `, ${name} in colour`}`),
    element("path", { d: relativePath(others.map(curve)) || undefined, class: "thin pale" }),
    strongest === undefined
      ? ""
      : element("path", { d: relativePath([curve(strongest)]), class: "line s0" }, tooltip(name!)),
    element("path", {
      d: `M${moment} ${coordinate(box.top)}V${coordinate(box.bottom)}`,
      class: "axis",
    }),
  ].join("");
}

/** Mean power over the EEG's bands, from zero to its largest bin. */
function spectrum({ spectrum, peakFrequency }: TemplateFacts, box: Box): string {
  const { frequencies, density } = spectrum;
  const end = EEG_BANDS.gamma[1];
  const bins = [...frequencies.keys()].filter((k) => frequencies[k]! <= end);
  const x = horizontalScale({ label: "Hz", values: [0, end] }, [box.left, box.right]);
  const y = makeScale(
    bins.map((k) => density[k]!),
    { range: [box.bottom, box.top], include: [0] },
  );
  const points = bins.map((k) => ({ x: x.at(frequencies[k]!), y: y.at(density[k]!) }));
  const band = peakFrequency === undefined ? undefined : bandOf(peakFrequency);
  const peak =
    peakFrequency === undefined ? "no power" : `peak ${significant(peakFrequency, 3)} (${band})`;
  const path = relativePath([thinnedCurve(points, MOST_POINTS)]);
  const last = points.at(-1);
  return [
    frame(box, x, `spectrum, Hz: ${peak}`),
    last
      ? element("path", {
          d: `${path}V${coordinate(box.bottom)}H${coordinate(points[0]!.x)}Z`,
          class: "area f0",
        })
      : "",
    last ? element("path", { d: path, class: "line s0" }) : "",
  ].join("");
}

/** Cosines with the matches on an axis from 0 to 1, their null, and their means in words. */
function agreement(
  card: TemplateCard,
  top: number,
): { readonly markup: string; readonly height: number } {
  if (!card.matches) return { markup: "", height: 0 };
  const known = card.matches.filter(({ cosine }) => Number.isFinite(cosine));
  if (known.length === 0)
    return {
      markup: textAt("no other member to match it with", { x: 0, y: top + 8, class: "quiet" }),
      height: 18,
    };
  const isNull = card.null !== undefined && Number.isFinite(card.null);
  const inside = known.filter((m) => !m.independent);
  const outside = known.filter((m) => m.independent);
  const nullText = isNull ? `null ${fixed(card.null, 3)}` : "";
  const value = fixed(mean((inside.length > 0 ? inside : outside).map((m) => m.cosine)), 3);
  const nullWidth = isNull ? textWidth(nullText) + 12 : 0;
  const valueRight = FIGURE_WIDTH - nullWidth;
  const label = "cosine with its matches";
  const axis = { label, values: known.map((m) => m.cosine), include: [0, 1] };
  const x = horizontalScale(axis, [10, FIGURE_WIDTH - 10]);
  const line = top + 28;
  const ticks = x.ticks.map((t) => `M${coordinate(t.at)} ${coordinate(line)}v4`).join("");
  const names =
    outside.length === 0
      ? { markup: "", height: 0 }
      : legend(
          [
            { text: "members", mark: { series: 0, as: "fill" } },
            { text: "independent members", mark: { series: 1, as: "fill" } },
          ],
          line + 24,
        );
  const parts = [
    textAt(shortened(label, valueRight - STRONG_WIDTH * textWidth(value) - 12), {
      x: 0,
      y: top + 8,
    }),
    textAt(value, { x: valueRight, y: top + 8, anchor: "end", class: "strong" }),
    isNull ? textAt(nullText, { x: FIGURE_WIDTH, y: top + 8, anchor: "end", class: "null" }) : "",
    element("path", { d: `M10 ${line}H${FIGURE_WIDTH - 10}${ticks}`, class: "axis" }),
    tickRow(x.ticks, line + 13),
    isNull
      ? element("path", {
          d: `M${coordinate(x.at(card.null!))} ${line - 9}v18`,
          class: "null-line",
        })
      : "",
    ...known.map((m) =>
      element(
        "circle",
        { cx: x.at(m.cosine), cy: line, r: 4, class: `faint ${m.independent ? "f1" : "f0"}` },
        tooltip(`${m.name}: ${fixed(m.cosine, 3)}`),
      ),
    ),
    names.markup,
  ];
  return { markup: parts.join(""), height: 50 + names.height };
}

/**
 * A template card as SVG text. Without electrodes that have a place there is no map, and the plots
 * take its room.
 */
export function templateCard(card: TemplateCard): string {
  const { facts, layout } = card;
  const mapped = layout.electrodes.length > 0;
  const reach = HEAD_RADIUS * SCALP_REACH;
  const left = mapped ? 2 * reach + GAP : 10;
  const colours = divergingColours(layout.electrodes.map((e) => facts.map[e.channel]!));
  const moment = `at ${significant(facts.peak / facts.rate, 3)} s`;
  const place = { x: reach, y: 28 + reach, radius: HEAD_RADIUS };
  const below = agreement(card, AGREEMENT);
  return figureSvg(card.matches ? AGREEMENT + below.height : WITHOUT_AGREEMENT, card, [
    mapped ? drawScalp(layout, facts.map, colours, place) : "",
    mapped
      ? textAt(moment, { x: reach, y: 28 + 2 * reach + 16, anchor: "middle", class: "quiet" })
      : "",
    waves(card, { left, ...WAVES }),
    spectrum(facts, { left, ...SPECTRUM }),
    below.markup,
  ]);
}
