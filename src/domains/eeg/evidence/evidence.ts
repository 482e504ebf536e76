/**
 * @file What EEG windows add to the evidence of latents: each atom as a template, and windows as
 *   pictures.
 */

import { type EvidenceRows, heldOutRows } from "../../../evidence/evidence-rows.ts";
import { count } from "../../../figures/number-text.ts";
import type { SignalLayout, Source } from "../../../sources/source.ts";
import type { DescribedMember, DomainEvidence, EvidenceMaker } from "../../evidence-maker.ts";
import { signalLayout } from "../analyses/window-results.ts";
import { scalpElectrodes } from "../figures/scalp.ts";
import { describeTemplate } from "../signal/template.ts";
import type { EegSource } from "../source/eeg-source.ts";
import type { HeldOutWindows } from "../source/sides.ts";
import { KEPT_COURSES, KeptTemplates } from "./kept-templates.ts";
import { channelNames, templateWords } from "./template-words.ts";
import { keptFacts, windowRowDescriber, windowTensors } from "./window-rows.ts";

/** Most bytes of windows that are kept for examples, two per sample. */
const MOST_BYTES = 2 ** 28;

/** How rows are laid out: as the source says, or the store that they lie in. */
function layoutOf(source: Source): SignalLayout | undefined {
  const { data } = signalLayout.safeParse(source.layout ?? source.provenance["layout"]);
  return data && data.channels.length * data.samples === source.dIn ? data : undefined;
}

/** Where the held-out windows are from; [] where it is not known of all. */
function originOf(source: Source): readonly HeldOutWindows[] {
  const { heldOutWindows = [] } = source as Partial<EegSource>;
  const known = heldOutWindows.reduce((sum, { starts }) => sum + starts.length, 0);
  return known === source.heldOut.rows ? heldOutWindows : [];
}

class TemplateEvidence implements EvidenceMaker {
  readonly rows: EvidenceRows;
  readonly facts: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
  readonly #layout: SignalLayout;
  readonly #from: readonly HeldOutWindows[];

  constructor(source: Source, layout: SignalLayout, most: number) {
    const fitting = Math.max(1, Math.floor(MOST_BYTES / (2 * source.dIn)));
    this.rows = heldOutRows(source, Math.min(most, fitting));
    this.#layout = layout;
    this.#from = originOf(source);
    const isDisturbed = source.provenance["corrupt"] !== undefined;
    this.facts = keptFacts(layout, this.#from, isDisturbed);
    const isCut = fitting < Math.min(most, source.heldOut.rows);
    this.leftOut = [
      ...(isCut
        ? [
            `Only ${count(fitting)} windows are looked at: no more than these could be kept as examples.`,
          ]
        : []),
      ...(this.#from.length === 0
        ? ["Which recordings the windows are from is not known. Examples have their row numbers."]
        : []),
      ...(scalpElectrodes(layout.channels).length === 0
        ? ["No channel names a place on the scalp, so templates have no map."]
        : []),
    ];
  }

  rowTensors(shown: Int32Array) {
    return windowTensors(this.rows, shown, this.#layout, this.#from);
  }

  async describe({ sae: { decoder, dSae, dIn } }: DescribedMember, pause: () => Promise<void>) {
    const { channels, rate, samples } = this.#layout;
    const names = channelNames(channels);
    const templates = new KeptTemplates(dSae, this.#layout);
    const latents = [];
    for (let latent = 0; latent < dSae; latent++) {
      const values = decoder.subarray(latent * dIn, (latent + 1) * dIn);
      const atom = { values, channels: channels.length, samples, rate };
      const facts = describeTemplate(atom, KEPT_COURSES);
      templates.set(latent, facts);
      latents.push({ label: templateWords(facts, names), rules: [], logits: null });
      if (latent % 64 === 0) await pause();
    }
    return { latents, kept: templates.tensors() };
  }

  close() {
    return this.rows.close();
  }
}

export const templateEvidence: DomainEvidence = {
  unasked: false,
  async make(source, { most }) {
    const layout = layoutOf(source);
    if (!layout) return { cannot: "These rows do not say which channels they are of." };
    return new TemplateEvidence(source, layout, most);
  },
  read: windowRowDescriber,
};
