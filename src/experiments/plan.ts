/** @file What a run will take, before it starts: memory, disk and time. */

import type { Backend } from "../backend/backend.ts";
import { countingBackend } from "../backend/counting-backend.ts";
import type { Config } from "../config/schema.ts";
import type {
  CachedStore,
  CollectPlan,
  OpenSourceOptions,
  SourceFacts,
} from "../sources/source-kind.ts";
import { buildPopulation, totalSteps } from "./build-population.ts";
import { checkStarts } from "./init-from.ts";
import { domainOfConfig } from "./open-source.ts";
import { type DiskPlan, planDisk } from "./plan-disk.ts";
import { type MemoryPlan, planMemory } from "./plan-memory.ts";
import { planSource } from "./plan-source.ts";
import { probeScale, probeSteps, type StepProbe } from "./probe-steps.ts";
import { type MemoryLimits, requireMemory } from "./require-memory.ts";

/** What planning needs to know of this machine. */
export interface PlanOptions extends OpenSourceOptions {
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** Resident memory of this process now, bytes. */
  readonly residentMemory: () => number;
  /** What a run's process takes before it opens anything. Default: what is resident now. */
  readonly baseBytes?: number;
  /**
   * Memory that the probe of a step's time may take; it trains smaller dictionaries when the
   * population needs more.
   */
  readonly availableMemory: number;
  /** What a process may take here; a population beyond that is refused. */
  readonly memoryLimits?: MemoryLimits;
  /**
   * Probes of earlier plans by what decides a step's time, so that the runs of a sweep share them.
   */
  readonly probes?: Map<string, StepProbe>;
}

/** What a run would take: memory, disk and time. */
export interface RunPlan {
  readonly name: string;
  readonly steps: number;
  /** Activations that the steps see, all passes together. */
  readonly activations: number;
  /** Undefined when the activations are there or are made on the fly. */
  readonly collect: CollectPlan | undefined;
  readonly memory: MemoryPlan;
  readonly disk: DiskPlan;
  /**
   * The activation store in the cache, counted in `disk`; undefined for a source that keeps none.
   */
  readonly store: CachedStore | undefined;
  readonly probe: StepProbe;
  /** All steps, without the evaluation that follows. */
  readonly trainingSeconds: number;
}

/** Rows of a source; of one without end those held out. */
const rowsOf = ({ rowsPerPass = 0, heldOutRows }: SourceFacts) => rowsPerPass + heldOutRows;

/**
 * What record.planned of a run holds: everything but time, which would have to be measured first.
 */
export async function planSpace(
  backend: Backend,
  config: Config,
  source: SourceFacts,
  baseBytes: number,
): Promise<{ memory: MemoryPlan; disk: DiskPlan }> {
  const built = buildPopulation(countingBackend(backend).backend, config, source);
  return {
    memory: await planMemory(backend, config, source, baseBytes),
    disk: planDisk(config, built, rowsOf(source), 0),
  };
}

function isMadeOnTheWay(config: Config): boolean {
  // Rows that SAEs encode first cost time as they are served, whatever their source.
  if (config.source.residualOf) return true;
  return domainOfConfig(config).isMadeOnTheWay?.(config.source) ?? false;
}

/** Everything that decides how long a step takes. */
function probeKey(config: Config, dIn: number): string {
  const { population, training, coupling, reinitialise, source } = config;
  const { lr: _, seed: __, ...members } = population;
  const coupled = coupling && { ...coupling, weight: coupling.weight > 0 };
  const made = isMadeOnTheWay(config) ? source : undefined;
  return JSON.stringify([dIn, members, training.batch, coupled, reinitialise, made]);
}

/**
 * Plans one run. Nothing is written and nothing downloaded; a few steps are taken and forgotten.
 *
 * Memory is that of a fresh run (a resumed one reads a checkpoint besides). Time is that of the
 * steps, from a probe on this machine as busy as it is now, and of collecting activations.
 *
 * @throws {ConfigError} for a config that cannot be built; {ConcordError} `file/missing` naming a
 *   model, text or file.
 */
export async function planRun(config: Config, options: PlanOptions): Promise<RunPlan> {
  const { backend, clock, baseBytes = options.residentMemory() } = options;
  const { memoryLimits } = options;
  if (memoryLimits) requireMemory(config, memoryLimits);
  const starts = await checkStarts(backend, config, options.baseFolder);
  const { facts, source, collect, store } = await planSource(config, {
    ...options,
    onWidth: starts.requireWidth,
  });
  try {
    starts.requireWidth(facts.dIn);
    if (memoryLimits) requireMemory(config, memoryLimits, facts.dIn);
    const memory = await planMemory(backend, config, facts, baseBytes);
    const built = buildPopulation(countingBackend(backend).backend, config, facts);
    const disk = planDisk(config, built, rowsOf(facts), store?.bytes ?? 0);
    const steps = totalSteps(config, facts.rowsPerPass);
    const needed = memory.bytes - baseBytes - facts.memoryBytes;
    const scale = probeScale(needed, options.availableMemory);
    const stream = isMadeOnTheWay(config) ? source?.train : undefined;
    const key = probeKey(config, facts.dIn);
    const probe =
      options.probes?.get(key) ??
      (await probeSteps(backend, config, facts, { stream, scale, clock }));
    options.probes?.set(key, probe);
    const { firstMilliseconds, millisecondsPerStep } = probe;
    return {
      name: config.name,
      steps,
      activations: steps * config.training.batch,
      collect,
      memory: withCollection(memory, baseBytes, collect),
      disk,
      store,
      probe,
      trainingSeconds: (firstMilliseconds + (steps - 1) * millisecondsPerStep) / 1000,
    };
  } finally {
    await source?.close();
  }
}

/** Collecting comes before training, and its memory goes before training's comes. */
function withCollection(
  memory: MemoryPlan,
  baseBytes: number,
  collect: CollectPlan | undefined,
): MemoryPlan {
  if (!collect) return memory;
  const collecting = baseBytes + collect.memoryBytes;
  return {
    ...memory,
    phases: [
      { what: "collecting, instead of all but the process", bytes: collect.memoryBytes },
      ...memory.phases,
    ],
    bytes: Math.max(memory.bytes, collecting),
    mostBytes: Math.max(memory.mostBytes, collecting),
  };
}
