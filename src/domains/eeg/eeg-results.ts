/**
 * @file What a run on EEG windows keeps for its figures: some held-out windows and what became of
 *   them, the most active atoms, and spectra of signal and error. Small: results/eeg.json has the
 *   words, results/eeg.safetensors the numbers.
 */

import { existsSync } from "node:fs";
import { asFloat32, float32Tensor, type Tensor } from "../../base/tensor.ts";
import { FormatError } from "../../errors.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors-file.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { SignalLayout } from "../../sources/source.ts";

/** A held-out window that is shown. */
export interface ShownWindow {
  /** Row of the held-out windows. */
  readonly row: number;
  /** Share of the other windows measured that are reconstructed better than this one. */
  readonly rank: number;
  /** ‖x̂ − x‖² / ‖x‖². */
  readonly error: number;
}

/** The atom of another member that one was matched with. */
export interface MatchedAtom {
  readonly member: string;
  readonly latent: number;
  readonly cosine: number;
  /** Mean cosine of matched atoms, were the two dictionaries unrelated. */
  readonly null: number;
  /** Whether a coupling could have drawn the two together. */
  readonly coupled: boolean;
}

/** An atom that is shown. */
export interface ShownAtom {
  readonly latent: number;
  /** Share of the held-out windows in which it is active. */
  readonly density: number;
  readonly matches: readonly MatchedAtom[];
}

/** results/eeg.json */
export interface EegResult {
  readonly layout: SignalLayout;
  /**
   * The member whose windows and atoms are shown: of those that couplings include the one in the
   * middle by FVU.
   */
  readonly member: string;
  readonly windows: readonly ShownWindow[];
  readonly atoms: readonly ShownAtom[];
  /** Held-out windows that spectra and ranks are over, evenly spread. */
  readonly windows_measured: number;
  /** Whose errors the spectra of errors are, in order. */
  readonly members: readonly string[];
}

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

/** Writes both files. */
export async function writeEeg(folder: RunFolder, findings: EegFindings): Promise<void> {
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
  await writeSafetensors(folder.file(NUMBERS), tensors);
  await folder.writeJson(WORDS, result);
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
  const result = (await folder.readJson(WORDS)) as EegResult | null;
  if (!isEegResult(result))
    throw new FormatError(
      folder.file(WORDS),
      "expected a layout, members, and lists of windows and atoms.",
    );
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

function isEegResult(value: EegResult | null): value is EegResult {
  const { layout, members, windows, atoms } = value ?? {};
  return (
    Array.isArray(layout?.channels) &&
    layout.channels.every((name) => typeof name === "string") &&
    Number.isInteger(layout.samples) &&
    layout.samples > 0 &&
    layout.rate > 0 &&
    typeof value?.member === "string" &&
    Array.isArray(members) &&
    Array.isArray(windows) &&
    Array.isArray(atoms) &&
    atoms.every((atom) => Array.isArray(atom?.matches))
  );
}
