/**
 * @file Predicts how much memory a run takes, before it starts: its peak of resident memory. Every
 *   part states its own memory, next to the code that allocates it; a plan adds the parts up.
 *   Garbage is collected between the phases of a run, so each phase accounts only for its own.
 */

import type { Backend } from "../backend/backend.ts";
import { countingBackend } from "../backend/counting-backend.ts";
import { addedUp, type MemoryItem, totalBytes } from "../base/bytes.ts";
import type { Config } from "../config/schema.ts";
import {
  comparingBytes,
  MATCHINGS_PER_PAIR,
  moduloBytes,
} from "../consistency/matching/matching-bytes.ts";
import { evaluationBytes } from "../evaluate/evaluate-saes.ts";
import { evidenceBytes } from "../evidence/evidence-bytes.ts";
import { savingBytes } from "../interchange/saelens.ts";
import { populationBytes } from "../population/population.ts";
import { checkpointBytes } from "../runs/checkpoints.ts";
import type { SourceFacts } from "../sources/source-kind.ts";
import { buildPopulation } from "./build-population.ts";
import { startFromBytes } from "./init-from.ts";
import { plannedFeatures } from "./plan-features.ts";
import { planAgreement } from "./training-agreement.ts";

export interface MemoryPlan {
  /** Memory held from the first step to the last result, the process itself included. */
  readonly held: readonly MemoryItem[];
  /** What each phase takes in addition. */
  readonly phases: readonly MemoryItem[];
  /** The expected peak: everything held, and the largest phase. */
  readonly bytes: number;
  /** The peak when every latent dies or, with ReLU, half of all latents are active. */
  readonly mostBytes: number;
}

const MIB = 2 ** 20;

/**
 * V8 collects unused arrays once those allocated since the last collection reach this size. It is
 * half of the limit of 64 MiB, at which V8 begins to mark. The array being allocated meanwhile is
 * added to it.
 */
const GARBAGE_BYTES = 32 * MIB;

/**
 * The two halves of V8's young generation, which hold the objects of every step, and the code that
 * V8 compiles.
 */
const OBJECT_BYTES = 16 * MIB;

/** Uncollected memory after `times` arrays, or sets of arrays, of `bytes` each. */
function garbage(bytes: number, times: number): number {
  return Math.min(bytes * Math.max(0, times), GARBAGE_BYTES + bytes);
}

/**
 * Predicts the memory of a run.
 *
 * @param baseBytes Resident memory of the process before anything is opened: the interpreter, the
 *   native core and the code.
 * @throws {ConfigError} and {ConcordError} for a config that cannot be built.
 */
export async function planMemory(
  backend: Backend,
  config: Config,
  source: SourceFacts,
  baseBytes: number,
): Promise<MemoryPlan> {
  const alone = countingBackend(backend);
  buildPopulation(alone.backend, { ...config, coupling: undefined }, source);
  const counter = countingBackend(backend);
  const built = buildPopulation(counter.backend, config, source);
  const { population, coupling, members: planned, totalSteps } = built;
  const { members, batch, dIn } = population;
  const saes = members.map(({ sae }) => sae);
  const hasTargets = source.hasTargets === true;
  const use = { activations: totalSteps * batch, hasTargets };
  const training = saes.map((sae) => sae.bytes(use));
  const pulling = coupling?.bytes(population) ?? { held: 0, scratch: 0 };
  const measuring = planAgreement(backend, config, built, source.trueFeatures);
  const held: MemoryItem[] = addedUp([
    { what: "the process", bytes: baseBytes },
    { what: "objects", bytes: OBJECT_BYTES },
    { what: "source", bytes: source.memoryBytes },
    ...training.flatMap((bytes) => bytes.held),
    ...populationBytes(population, hasTargets),
    // Preparing the coupling counts whatever its constructor allocates.
    { what: "coupling", bytes: counter.bytes - alone.bytes + pulling.held },
    { what: "known features", bytes: measuring?.held ?? 0 },
  ]);

  const starts = training.map(({ starting }, i) =>
    planned[i]!.initFrom === undefined ? starting : startFromBytes(saes[i]!),
  );
  const starting = Math.max(...starts);
  const rows = { rows: source.heldOutRows, dIn, hasTargets };
  const sizes = saes.map(({ dSae }, i) => ({ dIn, dSae, k: training[i]!.inference.k }));
  const evaluating = evaluationBytes(backend, sizes, rows);
  const copies = training.reduce((sum, { inference }) => sum + inference.bytes, 0);
  const counts = saes.map(({ dSae }) => dSae);
  const comparing = comparingBytes(backend, counts, source.trueFeatures, dIn);
  const poses = source.symmetry?.size ?? 0;
  const modulo = poses > 0 ? moduloBytes(counts, source.trueFeatures, dIn, poses) : 0;
  const looked = plannedFeatures(config, sizes, source);
  // Agreement is measured between steps, when the coupling's arrays are garbage.
  const largestScratch = Math.max(pulling.scratch, measuring?.scratch ?? 0);
  const hasFactor = ["expected_norm", "standardize"].includes(config.source.normalize);
  const phases: MemoryItem[] = [
    { what: "starting", bytes: starting + garbage(starting, members.length - 1) },
    {
      what: "training",
      bytes: largestScratch + garbage(largestScratch, totalSteps - 1) + checkpointBytes(),
    },
    { what: "evaluating", bytes: evaluating.usual + copies },
    {
      what: "comparing",
      bytes:
        comparing.nulls +
        comparing.scratch +
        modulo +
        garbage(comparing.scratch, MATCHINGS_PER_PAIR - 1),
    },
    ...(looked
      ? [
          {
            what: "looking at latents",
            bytes: evidenceBytes(backend, looked) + (source.describingBytes ?? 0),
          },
        ]
      : []),
    { what: "writing", bytes: Math.max(...saes.map((sae) => savingBytes(sae, hasFactor))) },
  ];
  const largest = (of: readonly MemoryItem[]) => Math.max(...of.map(({ bytes }) => bytes));
  const all = totalBytes(held);
  const more = totalBytes(training.flatMap((bytes) => bytes.most));
  const most = phases.map(({ what, bytes }) => ({
    what,
    bytes: what === "evaluating" ? evaluating.most + copies : bytes,
  }));
  return {
    held,
    phases,
    bytes: all + largest(phases),
    mostBytes: all + more + largest(most),
  };
}
