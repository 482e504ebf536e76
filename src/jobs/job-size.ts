/** @file What a job takes, by the plan of its config. What takes the same is planned once. */

import type { Config } from "../config/schema.ts";
import { type PlanOptions, planRun } from "../experiments/plan.ts";
import { planMemory } from "../experiments/plan-memory.ts";
import { planSource } from "../experiments/plan-source.ts";
import type { StepProbe } from "../experiments/probe-steps.ts";
import { DRAWING_BYTES } from "../figures/plot/render.ts";
import type { Job, JobRun } from "./job.ts";
import type { JobSize } from "./launcher.ts";

/** What planning needs of the machine. */
export type SizeOptions = Omit<PlanOptions, "baseFolder" | "probes">;

/** Everything of a config that decides what its run takes. */
function sizeKey({ planned: { config }, baseFolder }: JobRun): string {
  const { name: _, seed: __, population, ...rest } = config;
  const { seed: ___, lr, ...members } = population;
  return JSON.stringify([rest, members, [lr].flat().length, baseFolder]);
}

/** Memory without taking a step, which would keep a login node busy. */
async function memoryOf(config: Config, baseFolder: string, options: SizeOptions) {
  const { backend, baseBytes = options.residentMemory() } = options;
  const { facts, source, collect } = await planSource(config, { ...options, baseFolder });
  try {
    const { mostBytes } = await planMemory(backend, config, facts, baseBytes + DRAWING_BYTES);
    return { training: mostBytes, collecting: baseBytes + (collect?.memoryBytes ?? 0) };
  } finally {
    await source?.close();
  }
}

/**
 * Sizes of jobs, each kind planned once.
 *
 * @param timed Whether a few steps are taken to learn how long a job trains.
 * @returns A function of a job; undefined for a seed of a study, whose runs are not known before.
 */
export function jobSizes(
  options: SizeOptions,
  timed: boolean,
): (job: Job) => Promise<JobSize | undefined> {
  const known = new Map<string, Promise<JobSize>>();
  const probes = new Map<string, StepProbe>();
  const sizeOfRun = async (run: JobRun, collects: boolean): Promise<JobSize> => {
    const { planned, baseFolder } = run;
    const { training, collecting } = await memoryOf(planned.config, baseFolder, options);
    if (collects) return { bytes: Math.max(training, collecting) };
    if (!timed) return { bytes: training };
    const plan = await planRun(planned.config, { ...options, baseFolder, probes });
    return { bytes: training, seconds: plan.trainingSeconds };
  };
  const sizeOf = (run: JobRun, collects: boolean) => {
    const key = `${collects} ${sizeKey(run)}`;
    const found = known.get(key) ?? sizeOfRun(run, collects);
    known.set(key, found);
    return found;
  };
  return async (job) => {
    if (job.kind === "seed") return undefined;
    if (job.kind === "run") return await sizeOf(job.run, false);
    let bytes = 0;
    for (const run of job.runs) bytes = Math.max(bytes, (await sizeOf(run, true)).bytes);
    return { bytes };
  };
}
