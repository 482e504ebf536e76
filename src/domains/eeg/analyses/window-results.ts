/**
 * @file What a run on EEG windows keeps for its figures. It is some held-out windows and what
 *   became of them, the most active atoms, and spectra of signal and error. Small: results/eeg.json
 *   has the words, results/eeg.safetensors the numbers.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { asFloat32, float32Tensor, type Tensor } from "../../../base/tensor.ts";
import { FormatError } from "../../../errors.ts";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import { measured } from "../../../runs/results.ts";
import type { RunFolder } from "../../../runs/run-folder.ts";
import type { AnalysisResults } from "../../analysis.ts";

/** How rows are laid out, as files say it. */
export const signalLayout = z.object({
  channels: z.array(z.string()).readonly(),
  rate: z.number().gt(0),
  samples: z.int().min(1),
});

const shownWindow = z.object({
  /** Row of the held-out windows. */
  row: z.int(),
  /** Share of the other windows measured that are reconstructed better than this one. */
  rank: measured,
  /** ‖x̂ − x‖² / ‖x‖². */
  error: measured,
});

const matchedAtom = z.object({
  member: z.string(),
  latent: z.int(),
  cosine: measured,
  /** Mean cosine of matched atoms, were the two dictionaries unrelated. */
  null: measured,
  /** Whether a coupling could have drawn the two together. */
  coupled: z.boolean(),
});

const shownAtom = z.object({
  latent: z.int(),
  /** Share of the held-out windows in which it is active. */
  density: measured,
  matches: z.array(matchedAtom),
});

/** results/eeg.json */
const eegResult = z.object({
  layout: signalLayout,
  /**
   * The member whose windows and atoms are shown: of those that couplings include the one in the
   * middle by FVU.
   */
  member: z.string(),
  windows: z.array(shownWindow),
  atoms: z.array(shownAtom),
  /** Held-out windows that spectra and ranks are over, evenly spread. */
  windows_measured: z.int(),
  /** Whose errors the spectra of errors are, in order. */
  members: z.array(z.string()),
});

/** A held-out window that is shown. */
export type ShownWindow = z.output<typeof shownWindow>;

/** The atom of another member that one was matched with. */
export type MatchedAtom = z.output<typeof matchedAtom>;

/** An atom that is shown. */
export type ShownAtom = z.output<typeof shownAtom>;

/** What results/eeg.json holds. */
export type EegResult = z.output<typeof eegResult>;

/** Powers, as results/eeg.safetensors has them. */
export interface EegPowers {
  /** By frequency, [bins]. */
  readonly density: Float32Array;
  /** By channel and band, [channels × 5], in the order of `EEG_BANDS`. */
  readonly bands: Float32Array;
}

export interface EegFindings {
  readonly result: EegResult;
  /**
   * Windows as they should be, [windows, d_in]; as they were disturbed, for a source that does
   * that; as `member` makes them.
   */
  readonly targets: Float32Array;
  readonly inputs?: Float32Array;
  readonly reconstructions: Float32Array;
  /** [atoms, d_in]. */
  readonly atoms: Float32Array;
  /** Hz, [bins]. */
  readonly frequencies: Float32Array;
  readonly signal: EegPowers;
  /** Of what was added to the windows, for a source that disturbs them. */
  readonly noise?: EegPowers;
  /** By member, in order. */
  readonly errors: readonly EegPowers[];
}

const WORDS = "results/eeg.json";
const NUMBERS = "results/eeg.safetensors";
const BANDS = 5;

/** Both files. */
export function windowResults(findings: EegFindings): AnalysisResults {
  const { result, inputs, noise } = findings;
  const dIn = result.layout.channels.length * result.layout.samples;
  const matrix = (data: Float32Array, columns: number) =>
    float32Tensor([data.length / columns, columns], data);
  const powers = (name: string, { density, bands }: EegPowers): [string, Tensor][] => [
    [`${name}.density`, float32Tensor([density.length], density)],
    [`${name}.bands`, matrix(bands, BANDS)],
  ];
  const tensors = new Map<string, Tensor>([
    ["targets", matrix(findings.targets, dIn)],
    ...(inputs ? [["inputs", matrix(inputs, dIn)] as const] : []),
    ["reconstructions", matrix(findings.reconstructions, dIn)],
    ["atoms", matrix(findings.atoms, dIn)],
    ["frequencies", float32Tensor([findings.frequencies.length], findings.frequencies)],
    ...powers("signal", findings.signal),
    ...(noise ? powers("noise", noise) : []),
    ...findings.errors.flatMap((error, i) => powers(`error.${i}`, error)),
  ]);
  return { json: { eeg: result }, tensors: { eeg: tensors } };
}

/**
 * results/eeg.json and results/eeg.safetensors; undefined for runs on anything else, and while a
 * run has not got that far.
 *
 * @throws {ConcordError} `file/missing`, {FormatError} when one is missing or not what the other
 *   says.
 */
export async function readEeg(folder: RunFolder): Promise<EegFindings | undefined> {
  if (!existsSync(folder.file(WORDS))) return undefined;
  const result = parseResult(eegResult, await folder.readJson(WORDS), folder.file(WORDS));
  const { tensors } = await readSafetensors(folder.file(NUMBERS));
  const { channels, samples } = result.layout;
  const dIn = channels.length * samples;
  const optional = (name: string, length?: number): Float32Array | undefined => {
    const tensor = tensors.get(name);
    if (!tensor) return undefined;
    if (length !== undefined && tensor.data.length !== length)
      throw new FormatError(
        folder.file(NUMBERS),
        `expected ${length} elements of "${name}" but found ${tensor.data.length}.`,
      );
    return asFloat32(tensor);
  };
  const required = (name: string, length?: number) => {
    const found = optional(name, length);
    if (!found) throw new FormatError(folder.file(NUMBERS), `there is no tensor "${name}".`);
    return found;
  };
  const frequencies = required("frequencies");
  const powers = (name: string): EegPowers => ({
    density: required(`${name}.density`, frequencies.length),
    bands: required(`${name}.bands`, channels.length * BANDS),
  });
  const windows = result.windows.length * dIn;
  const inputs = optional("inputs", windows);
  return {
    result,
    targets: required("targets", windows),
    ...(inputs && { inputs }),
    reconstructions: required("reconstructions", windows),
    atoms: required("atoms", result.atoms.length * dIn),
    frequencies,
    signal: powers("signal"),
    ...(tensors.has("noise.density") && { noise: powers("noise") }),
    errors: result.members.map((_, i) => powers(`error.${i}`)),
  };
}
