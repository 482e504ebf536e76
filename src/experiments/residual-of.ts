/**
 * @file `source.residual_of`: rows become what saved SAEs leave of them, x − Σ x̂_j. Each SAE
 *   encodes the residual of those before it, as stages of boosting do (Gadgil et al. 2026,
 *   arXiv:2505.16077).
 */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Backend } from "../backend/backend.ts";
import type { Config } from "../config/schema.ts";
import { ConcordError, ConfigError } from "../errors.ts";
import { EVALUATION_BATCH, requireFinite } from "../evaluate/evaluate-saes.ts";
import type { FormerSae } from "../interchange/format.ts";
import { readSae } from "../interchange/formats.ts";
import { saeBytes } from "../interchange/saelens.ts";
import type { RunRecord } from "../runs/run-folder.ts";
import { openSaeRunner, runnerBytes, type Sae, type SaeRunner } from "../sae/sae.ts";
import { saeDigest } from "../sae/sae-digest.ts";
import { mostActive } from "../sae/selection.ts";
import type { ActivationStream, RowReader, Source } from "../sources/source.ts";
import { factsOf } from "../sources/source-kind.ts";

/** An SAE whose reconstruction is taken off the rows. */
export interface ResidualSae extends FormerSae {
  readonly sae: Sae;
}

/** The SAEs of `source.residual_of`. */
export interface ResidualSaes {
  /** In order; empty when the config names none. */
  readonly all: readonly ResidualSae[];
  /**
   * A check of the width of rows, to be made before any are collected.
   *
   * @param then Called with a width that fits.
   * @throws (from the check) {ConcordError} when activations are not as wide as the SAEs.
   */
  checking(then?: (dIn: number) => void): (dIn: number) => void;
}

/**
 * Reads the SAEs that a config takes off its rows, of any format that `readSae` knows.
 *
 * @param baseFolder Relative paths start from here.
 * @throws {ConcordError} naming the folder that cannot be read, or SAEs of different d_in.
 */
export async function readResidualSaes(
  backend: Backend,
  { source }: Pick<Config, "source">,
  baseFolder: string,
): Promise<ResidualSaes> {
  const all: ResidualSae[] = [];
  for (const path of source.residualOf ?? []) {
    const { sae } = await readSae(backend, resolve(baseFolder, path));
    const first = all[0];
    if (first && first.sae.dIn !== sae.dIn)
      throw new ConcordError(
        "argument/invalid",
        `source.residual_of: ${first.path} has d_in ${first.sae.dIn}, but ${path} has d_in ${sae.dIn}.`,
        { hint: "Name SAEs that were trained on activations from the same hook." },
      );
    all.push({ path, sae, digest: saeDigest(sae) });
  }
  return {
    all,
    checking: (then) => (dIn) => {
      const [first] = all;
      if (first && first.sae.dIn !== dIn)
        throw new ConcordError(
          "argument/invalid",
          `source.residual_of: ${first.path} has d_in ${first.sae.dIn}, but the source gives activations of d_in ${dIn}.`,
          { hint: "Name SAEs that were trained on activations from the same hook." },
        );
      then?.(dIn);
    },
  };
}

/** Bytes that the SAEs take while rows are served. */
export function residualBytes(backend: Backend, saes: readonly Pick<ResidualSae, "sae">[]): number {
  return saes.reduce((sum, { sae }) => {
    const sizes = { dIn: sae.dIn, dSae: sae.dSae, k: mostActive(sae.selection) ?? 0 };
    return sum + saeBytes(sae) + runnerBytes(backend, sizes, EVALUATION_BATCH).usual;
  }, 0);
}

/** Replaces rows, and their targets, by what SAEs leave of them. */
async function openResidual(backend: Backend, saes: readonly Sae[], dIn: number) {
  const runners: SaeRunner[] = [];
  for (const sae of saes) runners.push(await openSaeRunner(backend, sae, EVALUATION_BATCH));
  const subtract = (from: Float32Array, residual: Float32Array) => {
    for (let i = 0; i < from.length; i++) from[i] = 0 - residual[i]!;
  };
  return async (rows: Float32Array, targets: Float32Array | undefined): Promise<void> => {
    const step = EVALUATION_BATCH * dIn;
    for (let start = 0; start < rows.length; start += step) {
      const x = rows.subarray(start, start + step);
      const t = targets?.subarray(start, start + step);
      for (const runner of runners) {
        const code = await runner.encode(x, x.length / dIn);
        if (t) subtract(t, (await runner.residual(t, code)).residual);
        subtract(x, (await runner.residual(x, code)).residual);
      }
    }
  };
}

/** SHA-256 of rows that are what some SAEs leave of others. */
function residualDigest(digest: string, saes: readonly ResidualSae[]): string {
  const all = [digest, ...saes.map((one) => one.digest)];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/**
 * A source whose rows, held-out ones too, are what SAEs leave of those of another. Where rows have
 * targets t, these become t − Σ x̂_j. Known features stay. Without SAEs it is the source itself.
 *
 * @param source Before any normalisation: saved SAEs take rows as they come.
 */
export async function residualSource(
  backend: Backend,
  source: Source,
  saes: readonly ResidualSae[],
): Promise<Source> {
  if (saes.length === 0) return source;
  const { dIn, train, heldOut, provenance, symmetry } = source;
  if (symmetry)
    throw new ConfigError(
      `source.residual_of: what SAEs leave of rows does not move as ${symmetry.group} moves the rows.`,
      { hint: "Leave source.residual_of or source.orbit out." },
    );
  const runs = saes.map(({ sae }) => sae);
  const leave = await openResidual(backend, runs, dIn);
  const left: ActivationStream = {
    dIn,
    rowsPerPass: train.rowsPerPass,
    ...(train.hasTargets === undefined ? {} : { hasTargets: train.hasTargets }),
    async next(out, targets) {
      await train.next(out, targets);
      await leave(out, train.hasTargets ? targets : undefined);
    },
    state: () => train.state(),
    seek: (state) => train.seek(state),
  };
  const leftHeldOut: RowReader = {
    rows: heldOut.rows,
    ...(heldOut.hasTargets === undefined ? {} : { hasTargets: heldOut.hasTargets }),
    async read(start, out, targets) {
      await heldOut.read(start, out, targets);
      await requireFinite(backend, out, out.length / dIn, dIn, start);
      await leave(out, heldOut.hasTargets ? targets : undefined);
    },
  };
  const residualOf = saes.map(({ path, digest }) => ({ path, digest }));
  const { digest } = provenance;
  const names = saes.map(({ path }) => path).join(", ");
  return {
    ...source,
    train: left,
    heldOut: leftHeldOut,
    provenance: {
      ...provenance,
      residualOf,
      ...(digest === undefined ? {} : { digest: residualDigest(digest, saes) }),
    },
    saeMetadata: { ...source.saeMetadata, residual_of: residualOf },
    notices: [
      ...(source.notices ?? []),
      `Rows, held-out ones too, are what is left of activations by ${names}. FVU is a fraction of that.`,
    ],
    memoryBytes: factsOf(source).memoryBytes + residualBytes(backend, saes),
    // A model cannot be asked about what SAEs leave of its activations.
    describingBytes: 0,
  };
}

/** SAEs of `residual_of` as a run's record, or the provenance of an open source, has them. */
export function formerSaesOf(provenance: RunRecord["provenance"]): readonly FormerSae[] {
  const saes = provenance?.["residualOf"];
  return Array.isArray(saes) ? saes : [];
}

/** The SAEs of `residual_of` that are not what they were when a run began, by path. */
export function changedResidualSaes(
  before: RunRecord["provenance"],
  now: RunRecord["provenance"],
): string[] {
  const then = formerSaesOf(before);
  return formerSaesOf(now).flatMap(({ path, digest }, i) =>
    before === undefined || then[i]?.digest === digest ? [] : [path],
  );
}
