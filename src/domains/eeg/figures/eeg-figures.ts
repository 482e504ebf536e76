/**
 * @file The figures of a run on EEG windows: windows and what became of them, errors by band, and
 *   the most active atoms as templates.
 */

import { meanInterval } from "../../../base/statistics/mean-interval.ts";
import { html, type Markup } from "../../../figures/html/html.ts";
import { figure } from "../../../figures/html/page.ts";
import { count, fixed, percent, significant } from "../../../figures/number-text.ts";
import { type IntervalRow, intervalChart } from "../../../figures/plot/interval-chart.ts";
import { type Curve, lineChart } from "../../../figures/plot/line-chart.ts";
import type { EegFindings, EegPowers, ShownAtom, ShownWindow } from "../analyses/window-results.ts";
import { bandFvu } from "../metrics/band-fvu.ts";
import { EEG_BANDS, type EegBand } from "../signal/band-powers.ts";
import { TEN_TWENTY } from "../signal/electrodes.ts";
import { describeTemplate } from "../signal/template.ts";
import { type ScalpLayout, scalpLayout } from "./scalp.ts";
import { scalpMaps } from "./scalp-maps.ts";
import { templateCard } from "./template-card.ts";
import { MOST_CHANNELS, type TraceSeries, traces } from "./traces.ts";

/** Electrodes of the 10–20 system that stand for the whole scalp. */
const FEWEST_USUAL = 8;

const BANDS = Object.keys(EEG_BANDS) as EegBand[];

/** A reminder below every figure whose data stands in for other data; "" when none does. */
function reminder(substitute: string | undefined): string {
  return substitute === undefined ? "" : ` Substitute data: ${substitute}.`;
}

/** Windows by how well they are reconstructed, in words. */
function rankWords({ rank }: ShownWindow): string {
  if (rank < 1 / 3) return "A window that is easy to reconstruct";
  return rank > 2 / 3 ? "A window that is hard to reconstruct" : "A usual window";
}

/** Of more channels than can be drawn those of the 10–20 system, where there are enough of them. */
function shownChannels({ electrodes }: ScalpLayout, channels: number): number[] | undefined {
  const usual = electrodes.filter(({ name }) => TEN_TWENTY.includes(name));
  return channels > MOST_CHANNELS && usual.length >= FEWEST_USUAL
    ? usual.map(({ channel }) => channel)
    : undefined;
}

/**
 * Held-out windows channel by channel: as they came in, as they should be, as one member makes
 * them.
 */
export function windowFigures(
  eeg: EegFindings,
  layout: ScalpLayout,
  substitute: string | undefined,
): Markup[] {
  const { result, inputs, targets, reconstructions } = eeg;
  const { channels, rate, samples } = result.layout;
  const dIn = channels.length * samples;
  const shown = shownChannels(layout, channels.length);
  return result.windows.map((window, w) => {
    const part = (values: Float32Array) => values.subarray(w * dIn, (w + 1) * dIn);
    const series: TraceSeries[] = [
      ...(inputs ? [{ name: "noisy input", role: "input" as const, values: part(inputs) }] : []),
      { name: inputs ? "clean window" : "window", role: "target", values: part(targets) },
      { name: "reconstruction", role: "reconstruction", values: part(reconstructions) },
    ];
    const words = rankWords(window);
    const drawing = traces({
      title: `${words}: ${series.map(({ name }) => name).join(", ")}`,
      description: `${count(channels.length)} channels over ${significant(samples / rate, 3)} s of held-out window ${count(window.row)}.`,
      channels,
      rate,
      samples,
      shown,
      series,
      unit: "SD",
    });
    return figure(
      drawing,
      words,
      `Held-out window ${count(window.row)}: ${result.member} misses ${percent(window.error)} of its power; of the other windows measured, ${percent(window.rank)} are reconstructed better. Each channel is in standard deviations (SD).${reminder(substitute)}`,
    );
  });
}

/** Members that couplings include: their errors. */
function coupledErrors({ result, errors }: EegFindings, coupled: ReadonlySet<string>): EegPowers[] {
  return errors.filter((_, i) => coupled.has(result.members[i]!));
}

function channelSum({ bands }: EegPowers, band: number): number {
  let sum = 0;
  for (let i = band; i < bands.length; i += BANDS.length) sum += bands[i]!;
  return sum;
}

/**
 * Share of each band's power that is missed, by member and by place, and the spectrum of what is
 * missed.
 */
export function errorFigures(
  eeg: EegFindings,
  coupled: ReadonlySet<string>,
  layout: ScalpLayout,
  substitute: string | undefined,
): (Markup | undefined)[] {
  const errors = coupledErrors(eeg, coupled);
  if (errors.length === 0) return [];
  return [
    bandFigure(eeg, errors, substitute),
    spectrumFigure(eeg, errors, substitute),
    placeFigure(eeg, errors, layout, substitute),
  ];
}

function bandFigure(
  { signal, noise, result }: EegFindings,
  errors: readonly EegPowers[],
  substitute: string | undefined,
): Markup {
  const rows = BANDS.map((band, b): IntervalRow => {
    const power = channelSum(signal, b);
    const values = errors.map((error) => channelSum(error, b) / power);
    const [low, high] = EEG_BANDS[band];
    return {
      name: `${band}, ${low} to ${high} Hz`,
      mean: undefined,
      values,
      colour: b,
      ...(power > 0 ? meanInterval(values) : {}),
      ...(noise && power > 0 && { null: channelSum(noise, b) / power }),
    };
  });
  const drawing = intervalChart({
    title: "Share of each band's power that the reconstructions miss",
    description: "A row a band: mean over members with its 95 % interval; small dots are members.",
    label: bandFvu.label,
    rows,
    reference: 1,
    nullName: "the noisy input as it is",
  });
  return figure(
    drawing,
    "Error by frequency band",
    html`${bandFvu.summary} <code>${bandFvu.formula}</code>, over ${count(result.windows_measured)} held-out windows and all channels; 1 is silence. Small dots: members.${reminder(substitute)}`,
  );
}

function spectrumFigure(
  { signal, noise, frequencies, result }: EegFindings,
  errors: readonly EegPowers[],
  substitute: string | undefined,
): Markup {
  const [first, end] = [EEG_BANDS.delta[0], EEG_BANDS.gamma[1]];
  const bins = [...frequencies.keys()].filter(
    (k) => frequencies[k]! >= first && frequencies[k]! <= end,
  );
  const curve = (name: string, { density }: EegPowers): Curve => ({
    name,
    points: bins.map((k) => ({ x: frequencies[k]!, y: density[k]! })),
  });
  const missed = bins.map((k) => {
    const values = errors.map(({ density }) => density[k]!);
    const y = values.reduce((sum, v) => sum + v / values.length, 0);
    const ends = { low: Math.min(...values), high: Math.max(...values) };
    return { x: frequencies[k]!, y, ...(values.length > 1 && ends) };
  });
  const drawing = lineChart({
    title: "Spectrum of the windows and of what the reconstructions miss",
    description: "Curves over frequency; the band around the error reaches over all members.",
    curves: [
      curve(noise ? "clean window" : "window", signal),
      { name: "error", points: missed },
      ...(noise ? [curve("added noise", noise)] : []),
    ],
    xLabel: "frequency, Hz",
    yLabel: "power per Hz",
    yKind: "log",
    xInclude: [0],
  });
  return figure(
    drawing,
    "Spectrum of the error",
    `Mean over channels and ${count(result.windows_measured)} held-out windows, whose channels have a variance of 1${noise ? " with their noise" : ""}; the error's band reaches from the best member to the worst.${reminder(substitute)}`,
  );
}

function placeFigure(
  { signal, result }: EegFindings,
  errors: readonly EegPowers[],
  layout: ScalpLayout,
  substitute: string | undefined,
): Markup | undefined {
  if (layout.electrodes.length === 0) return undefined;
  const { channels } = result.layout;
  const maps = BANDS.map((band, b) => {
    const share = (c: number) => {
      const at = c * BANDS.length + b;
      const mean = errors.reduce((sum, { bands }) => sum + bands[at]! / errors.length, 0);
      return mean / signal.bands[at]!;
    };
    return { name: band, values: channels.map((_, c) => share(c)) };
  });
  const drawing = scalpMaps({
    title: "Share of each band's power that the reconstructions miss, by electrode",
    description: "A map of the scalp for each band, seen from above with the nose up.",
    layout,
    maps,
    label: bandFvu.label,
    kind: "amount",
  });
  const missing = channels.length - layout.electrodes.length;
  return figure(
    drawing,
    "Error by place",
    `Mean over members, between the electrodes by spherical splines.${missing > 0 ? ` Without a place: ${count(missing)} of ${count(channels.length)} channels.` : ""}${reminder(substitute)}`,
  );
}

/** The most active atoms of one member as templates. */
export function templateFigures(
  eeg: EegFindings,
  layout: ScalpLayout,
  substitute: string | undefined,
): Markup[] {
  const { channels, rate, samples } = eeg.result.layout;
  const dIn = channels.length * samples;
  return eeg.result.atoms.map((atom, a) => {
    const values = eeg.atoms.subarray(a * dIn, (a + 1) * dIn);
    const drawing = templateCard({
      title: `Latent ${atom.latent} of ${eeg.result.member} as a template`,
      description: `Map over the scalp, course over ${significant(samples / rate, 3)} s, spectrum, and cosines with the atoms it was matched with.`,
      facts: describeTemplate({ values, channels: channels.length, samples, rate }),
      channels,
      layout,
      matches: atom.matches.map((m) => ({
        name: m.member,
        cosine: m.cosine,
        independent: !m.coupled,
      })),
      null: meanNull(atom),
    });
    return figure(
      drawing,
      `Latent ${atom.latent}, active in ${percent(atom.density)} of windows`,
      `${matchWords(atom)}${reminder(substitute)}`,
    );
  });
}

function meanNull({ matches }: ShownAtom): number | undefined {
  if (matches.length === 0) return undefined;
  return matches.reduce((sum, m) => sum + m.null / matches.length, 0);
}

/** Where the matches of an atom lie, in words. */
function matchWords({ matches }: ShownAtom): string {
  const words = (name: string, some: ShownAtom["matches"]) => {
    const cosines = some.map((m) => m.cosine);
    const [low, high] = [Math.min(...cosines), Math.max(...cosines)];
    if (some.length === 0) return [];
    const range = some.length > 1 ? `${fixed(low, 3)} to ${fixed(high, 3)}` : fixed(low, 3);
    return [`${count(some.length)} ${name}${some.length > 1 ? "s" : ""}: ${range}`];
  };
  const parts = [
    ...words(
      "other member",
      matches.filter((m) => m.coupled),
    ),
    ...words(
      "independent member",
      matches.filter((m) => !m.coupled),
    ),
  ];
  return parts.length === 0 ? "" : `Cosines with its matches in ${parts.join("; ")}.`;
}

/** The electrodes of a run's channels. */
export function eegLayout({ result }: EegFindings): ScalpLayout {
  return scalpLayout(result.layout.channels);
}
