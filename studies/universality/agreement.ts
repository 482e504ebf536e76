/** How far two SAEs hold the same dictionary: members of one cell, or of two. */

import { largestRandomCosine } from "../../src/base/statistics/largest-random-cosine.ts";
import { type PlannedRun, parseConfig } from "../../src/config/load-config.ts";
import { plannedMembers } from "../../src/config/members.ts";
import { aliveAgreement, aliveOf } from "../../src/consistency/lab/alive.ts";
import { atomsOf, type SaeAtoms } from "../../src/consistency/lab/atoms.ts";
import { sharedIn } from "../../src/consistency/lab/strict-shares.ts";
import { MccNulls } from "../../src/consistency/null-model.ts";
import { initialCosines } from "../../src/experiments/initial-cosines.ts";
import { type Backend, bestMatches, matchOneToOne, type StudyRun } from "../../src/index.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import type { Source } from "../../src/sources/source.ts";

/** The agreement of an SAE with another. */
export interface Agreement {
  /** Mean cosine of atoms matched one to one. */
  readonly mcc: number;
  readonly mccNull: number;
  /** Mean over its atoms of the largest cosine in the other. */
  readonly meanMax: number;
  readonly meanMaxNull: number;
  /** The same of encoder directions, matched by themselves. */
  readonly encoder: number;
  /** Fraction of latents shared by decoder and encoder at a cosine of 0.7 (Paulo and Belrose). */
  readonly shared: number;
  /** MCC of the latents that are active on held-out rows. */
  readonly live: number;
  readonly liveNull: number;
  /** Cosine of each latent with its partner, and how often it is active, [d_sae]. */
  readonly cosine: Float32Array;
  readonly density: Float32Array;
}

const mean = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Dictionaries and agreements, each read and computed once. */
class Agreements {
  readonly #atoms = new Map<string, Promise<SaeAtoms>>();
  readonly #pairs = new Map<string, Promise<Agreement>>();
  #nulls: MccNulls | undefined;

  async #atomsOf(backend: Backend, { folder, members }: StudyRun): Promise<SaeAtoms> {
    const path = folder.file("saes", members[0]!.name);
    const read = async () => atomsOf(backend, await loadSae(backend, path));
    const known = this.#atoms.get(path) ?? read();
    this.#atoms.set(path, known);
    return known;
  }

  /** Mean cosine of the atoms of a member with those that it began with. */
  async start(backend: Backend, run: StudyRun, source: Source): Promise<number> {
    const { folder, seed, config } = run;
    const [{ config: parsed }] = parseConfig(JSON.stringify(config), folder.path) as [PlannedRun];
    const { dIn } = source;
    const settings = { dIn, seed: parsed.seed, totalSteps: run.record.totalSteps! };
    const planned = plannedMembers(parsed.population, settings).find((one) => one.seed === seed)!;
    const { decoder: dictionary } = await this.#atomsOf(backend, run);
    const beginning = source.train.state();
    const where = { batch: parsed.training.batch, baseFolder: folder.path, beginning };
    return mean((await initialCosines(backend, planned, { dictionary }, source, where))!);
  }

  /** The agreement of one member with another. */
  of(backend: Backend, own: StudyRun, other: StudyRun): Promise<Agreement> {
    const key = [own, other].map(({ folder, seed }) => `${folder.path} ${seed}`).join(" ");
    const known = this.#pairs.get(key) ?? this.#measure(backend, own, other);
    this.#pairs.set(key, known);
    return known;
  }

  async #measure(backend: Backend, own: StudyRun, other: StudyRun): Promise<Agreement> {
    this.#nulls ??= new MccNulls(backend);
    const nulls = this.#nulls;
    const [a, b] = [await this.#atomsOf(backend, own), await this.#atomsOf(backend, other)];
    const density = (run: StudyRun) => run.density(run.members[0]!.name);
    const densities = [(await density(own))!, (await density(other))!] as const;
    const decoder = await matchOneToOne(backend, a.decoder, b.decoder);
    const encoder = await matchOneToOne(backend, a.encoder, b.encoder);
    const { bestOfA } = await bestMatches(backend, a.decoder, b.decoder);
    const pair = { a: 0, b: 1, measures: { decoderMatching: decoder, encoderMatching: encoder } };
    const alive = [aliveOf(densities[0]), aliveOf(densities[1])] as const;
    const live = await aliveAgreement(backend, [a.decoder, b.decoder], alive, nulls);
    const { count, d } = a.decoder;
    return {
      mcc: decoder.mean,
      mccNull: await nulls.of(count, b.decoder.count, d),
      meanMax: mean(bestOfA),
      meanMaxNull: largestRandomCosine(d, b.decoder.count),
      encoder: encoder.mean,
      shared: sharedIn(0, count, [pair]).reduce((sum, n) => sum + n, 0) / count,
      live: live?.mcc ?? Number.NaN,
      liveNull: live?.mccNull ?? Number.NaN,
      cosine: decoder.cosine,
      density: densities[0],
    };
  }
}

/** Of this process. */
export const agreements = new Agreements();
