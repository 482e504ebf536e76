/**
 * @file The analysis of members that were trained on EEG windows. It has held-out windows and what
 *   becomes of them, errors by frequency band and place, and the most active atoms as templates.
 */

import { z } from "zod";
import { html, type Markup } from "../../../figures/html/html.ts";
import { figures, section } from "../../../figures/html/page.ts";
import { count } from "../../../figures/number-text.ts";
import { positiveInteger } from "../../../sources/schema-parts.ts";
import type { AnalysedRun, Analysis, AnalysisContext } from "../../analysis.ts";
import { eegLayout, errorFigures, templateFigures, windowFigures } from "../figures/eeg-figures.ts";
import { SIGNAL_METRICS } from "../metrics/eeg-metrics.ts";
import { evaluateEeg, type WindowOptions } from "./find-windows.ts";
import { type EegFindings, readEeg, windowResults } from "./window-results.ts";

/** Figures, and the windows that they show: three, up to three times each. */
const FIGURES_BYTES = 768 * 1024;
const SHOWN_WINDOWS = 3 * 3;

const options = z.object({
  windows: positiveInteger
    .default(512)
    .describe("held-out windows that spectra and ranks are taken over"),
  atoms: positiveInteger.default(6).describe("most active atoms that are shown"),
});

function analyse(
  { backend, members, source, evaluation, agreement }: AnalysisContext,
  wanted: WindowOptions,
): Promise<EegFindings> {
  const seen = members.map(({ name, sae, coupled }, i) => ({
    name,
    sae,
    coupled,
    fvu: evaluation.result.members[i]!.metrics["fvu"]!,
    density: evaluation.densities[i]!,
  }));
  const pairs = agreement?.pairs ?? [];
  return evaluateEeg(backend, seen, pairs, source.heldOut, source.layout!, wanted);
}

function sections(eeg: EegFindings, { evaluation }: AnalysedRun): Markup {
  const { substitute, members } = evaluation;
  const layout = eegLayout(eeg);
  const coupled = new Set(members.filter((m) => m.coupled).map((m) => m.name));
  const { channels } = eeg.result.layout;
  const middle = coupled.size > 1 && ", the member in the middle by FVU";
  const matched =
    members.length > 1 &&
    " Matched one to one with the atoms of the other members; null: what unrelated dictionaries would show.";
  const most = html`<p class="small">Atoms of ${eeg.result.member}${middle}, as patterns over ${count(channels.length)} channels and time: the scalp at the
moment of largest field power (orange above zero, blue below, each to its own largest value), every channel over time, and the mean
spectrum.${matched}</p>`;
  return html`${section("Windows", figures(...windowFigures(eeg, layout, substitute)))}
${section("Errors by band", figures(...errorFigures(eeg, coupled, layout, substitute)))}
${section("Most active templates", most, figures(...templateFigures(eeg, layout, substitute)))}`;
}

export const windows: Analysis<EegFindings, WindowOptions> = {
  name: "eeg_windows",
  summary: "Held-out windows, errors by band and place, and the most active atoms of EEG members",
  options,
  applies: ({ layout }) => layout !== undefined,
  analyse,
  results: windowResults,
  read: readEeg,
  bytes: ([{ dIn } = { dIn: 0 }], { atoms }) => FIGURES_BYTES + (SHOWN_WINDOWS + atoms) * 4 * dIn,
  metrics: SIGNAL_METRICS,
  sections,
};
