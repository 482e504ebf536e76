/**
 * @file The main verb: source → population → training → evaluation, in a run folder that can be
 *   continued from any moment.
 */

import {
  type FoundBy,
  idleAnalyses,
  prepareAnalyses,
  writeAnalyses,
} from "../analyses/analyses.ts";
import { changeText } from "../config/changes.ts";
import type { PlannedRun } from "../config/load-config.ts";
import { identicalMembers, unheardKeys } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { withTypedNames } from "../config/typed-names.ts";
import { ConcordError, messageOf } from "../errors.ts";
import { populationState } from "../population/state.ts";
import { trainPopulation } from "../population/train-population.ts";
import { checkpointSteps, removeOldCheckpoints, writeCheckpoint } from "../runs/checkpoints.ts";
import { claimFolder } from "../runs/claim.ts";
import { bytesBelow } from "../runs/folder-size.ts";
import type { Logger } from "../runs/loggers/logger.ts";
import { openLoggers } from "../runs/loggers/open-loggers.ts";
import type { RunAttempt, RunFolder, RunStatus } from "../runs/run-folder.ts";
import { openLogs, type RunLogs } from "../runs/run-log.ts";
import { normalizeSource } from "../sources/rows/normalized-source.ts";
import type { Source, StreamState } from "../sources/source.ts";
import { abortable, pauseFor, trainingFvus } from "./after-training.ts";
import { type BuiltPopulation, buildPopulation, requireWholeOrbits } from "./build-population.ts";
import { evaluateRun } from "./evaluate-run.ts";
import { garbageCollector } from "./garbage.ts";
import { checkStarts } from "./init-from.ts";
import {
  changedStarts,
  finishedResults,
  openRun,
  requireSameData,
  requireStepsLeft,
  resumeWarnings,
  runFolder,
  scheduleWarnings,
  writeChangedConfig,
} from "./open-run.ts";
import { openSource } from "./open-source.ts";
import { interruptedAfter } from "./ranks/join-run.ts";
import { Ranks } from "./ranks/ranks.ts";
import { recordStarts } from "./record-starts.ts";
import { requireMemory } from "./require-memory.ts";
import type { RunContext, RunSummary } from "./run-context.ts";
import { measuredTraining, memoryWarnings, plannedSpace } from "./run-numbers.ts";
import { saveAtWarnings, saveMembers, saveMembersAt } from "./save-members.ts";
import { startOrRestore } from "./start-or-restore.ts";
import { stepMetrics } from "./step-metrics.ts";
import { measuresAgreement, planAgreement, TrainingAgreement } from "./training-agreement.ts";

interface Training {
  readonly config: Config;
  readonly context: RunContext;
  readonly folder: RunFolder;
  readonly built: BuiltPopulation;
  readonly ranks: Ranks | undefined;
  readonly source: Source;
  /** Where its training rows begin. */
  readonly beginning: StreamState;
  readonly logs: RunLogs;
  readonly loggers: Logger;
}

/** Whether a step is logged that is not the last. */
function logsStep({ training }: Config, taken: number): boolean {
  return taken === 1 || taken % training.logEvery === 0;
}

/**
 * Trains to the end; after an interruption everything is in a checkpoint.
 *
 * @param reached Told after every step how many were taken, and the milliseconds that this attempt
 *   has spent in steps.
 */
async function train(
  t: Training,
  fromStep: number,
  reached: (step: number, trainingMs: number) => void,
): Promise<void> {
  const { config, context, folder, built, logs } = t;
  const { population, coupling, reinitialise, totalSteps } = built;
  const { checkpointEvery, keepCheckpoints, logEvery, saveAt } = config.training;
  const { backend } = context;
  const measuring = planAgreement(backend, config, built, t.source.trueFeatures?.count ?? 0);
  const agreement = new TrainingAgreement(backend, built, t.source, config.seed);
  let trainingMs = 0;
  const steps = trainPopulation({
    population,
    stream: t.source.train,
    firstStep: fromStep,
    totalSteps,
    coupling,
    reinitialise,
    clock: context.clock,
  });
  for await (const step of steps) {
    const taken = step.step + 1;
    trainingMs += step.timing.total;
    reached(taken, trainingMs);
    const last = taken === totalSteps;
    if (logsStep(config, taken) || last) {
      const isMeasured = measuresAgreement(measuring, logEvery, taken);
      const alike = isMeasured ? await agreement.measure() : undefined;
      const line = { step: taken, ...(await stepMetrics(population, step, alike)) };
      await logs.append("metrics.jsonl", line);
      await t.loggers.log(line);
      await logs.append("timings.jsonl", {
        step: taken,
        ...step.timing,
        coupling_work: step.couplingWork,
        redone_rows: step.members.map((m) => m.redoneRows),
      });
      context.onEvent?.({ kind: "logged", line });
    }
    for (const [i, member] of step.members.entries())
      if (member.reinitialised) {
        const name = population.members[i]!.name;
        const score = member.activityScore;
        await logs.append("events.jsonl", {
          step: taken,
          event: "reinitialised",
          member: name,
          score,
        });
      }
    context.onEvent?.({ kind: "step", step, totalSteps, batch: population.batch });
    if (saveAt.includes(taken))
      await saveMembersAt(folder, taken, population, t.source, context.collectGarbage);
    const aborted = context.signal?.aborted === true;
    const interrupted = (t.ranks ? await t.ranks.endStep(step, aborted) : aborted) && !last;
    if (taken % checkpointEvery === 0 || last || interrupted) {
      await logs.sync();
      const state = populationState(population, coupling);
      const checkpoint = {
        step: taken,
        stream: step.streamState,
        tensors: state.tensors,
        json: state.json,
      };
      await writeCheckpoint(folder, checkpoint, keepCheckpoints);
      context.onEvent?.({ kind: "checkpoint", step: taken });
    }
    if (interrupted) throw interruptedAfter(taken, totalSteps);
  }
}

/**
 * Evaluates the population whose SAEs are saved; says so when it fails, for nothing has to be
 * trained again.
 */
async function evaluate(t: Training): Promise<FoundBy[]> {
  const { config, context, folder, built, source } = t;
  context.onEvent?.({ kind: "evaluating" });
  const pause = () => pauseFor(context.signal);
  const judged = { ...source, heldOut: abortable(source.heldOut, pause) };
  const collect = garbageCollector(() => context.collectGarbage?.());
  collect();
  try {
    const { population, members } = built;
    return await evaluateRun(context.backend, population, members, judged, {
      steps: built.totalSteps,
      seed: config.seed,
      wanted: config,
      baseFolder: context.baseFolder,
      beginning: t.beginning,
      trainingFvu: await trainingFvus(folder),
      pause,
      phaseDone: collect,
      onCompared: (done, total) => context.onEvent?.({ kind: "comparing", done, total }),
      onLooked: (done, total) => context.onEvent?.({ kind: "looking", done, total }),
    });
  } catch (error) {
    if (!(error instanceof ConcordError && error.code === "interrupted"))
      context.onEvent?.({
        kind: "warning",
        message: `Only the evaluation failed: the trained SAEs are in ${folder.file("saes")}, and --resume evaluates them again.`,
      });
    throw error;
  } finally {
    collect();
  }
}

/**
 * Runs one config from beginning to end, or from where it stopped.
 *
 * @param resume Continue the run of that name when it exists, with its config but for
 *   `RESUMABLE_KEYS`: more steps extend it, also after it has finished. Of one that has finished
 *   and is not extended the results are read.
 * @throws {ConcordError} "run/conflict" when the run exists (without `resume`), was started with
 *   another config, or is being written by another process; "run/superseded" when a later job has
 *   taken the folder over; "interrupted" after the signal, with a checkpoint written; errors of the
 *   source and of training.
 */
export async function trainRun(
  planned: PlannedRun,
  context: RunContext,
  resume: boolean,
): Promise<RunSummary> {
  const { submission } = context;
  if (!submission) return await trainAlone(planned, context, resume);
  const claim = await claimFolder(runFolder(planned.config).path, submission, context);
  try {
    return await trainAlone(planned, context, resume);
  } finally {
    claim.release();
  }
}

/** The same, in a folder that nobody else has claimed. */
async function trainAlone(
  { config }: PlannedRun,
  context: RunContext,
  resume: boolean,
): Promise<RunSummary> {
  const limits = context.memoryLimits?.();
  if (limits) requireMemory(config, limits);
  const { backend, versions } = context;
  const opening = { backend, versions, now: context.now() };
  const { folder, record, lock, results, changes } = await openRun(config, opening, resume);
  const warn = (message: string) => context.onEvent?.({ kind: "warning", message });
  if (results) {
    await Ranks.open(context, folder, config, true);
    context.onEvent?.({ kind: "finished", folder: folder.path });
    for (const { message } of results.evaluation.warnings ?? []) warn(message);
    return { folder, results, record };
  }
  const attempt: RunAttempt = {
    startedAt: context.now().toISOString(),
    host: context.host,
    pid: context.pid,
    fromStep: 0,
  };
  const finish = async (status: RunStatus, error?: unknown) => {
    attempt.endedAt = context.now().toISOString();
    if (error !== undefined) attempt.error = withTypedNames(messageOf(error));
    record.status = status;
    await folder.writeRecord({ ...record, attempts: [...record.attempts, attempt] });
  };
  let ranks: Ranks | undefined;
  try {
    await folder.removeLeftovers();
    ranks = await Ranks.open(context, folder, config);
    context.collectGarbage?.();
    context.forgetPeak?.();
    const baseBytes = context.residentMemory?.();
    // After a checkpoint the SAEs that members started from are not needed any more.
    const isFresh = (await checkpointSteps(folder)).length === 0;
    const starts = isFresh ? await checkStarts(backend, config, context.baseFolder) : undefined;
    const opened = await openSource(config, {
      ...context,
      onWidth: starts?.requireWidth,
      onOrbits: (orbits) => requireWholeOrbits(config, orbits),
    });
    try {
      starts?.requireWidth(opened.dIn);
      const { normalize } = config.source;
      const source = await normalizeSource(opened, normalize, record.normalization);
      context.collectGarbage?.();
      requireSameData({ folder, record }, source.provenance);
      await ranks?.agree({ data: String(source.provenance["digest"]) });
      if (limits) requireMemory(config, limits, source.dIn);
      for (const message of source.notices ?? []) context.onEvent?.({ kind: "notice", message });
      const space =
        baseBytes === undefined
          ? undefined
          : await plannedSpace(backend, config, source, baseBytes);
      for (const message of memoryWarnings(space, baseBytes, context.availableMemory?.()))
        warn(message);
      const built = buildPopulation(ranks?.backend(backend) ?? backend, config, {
        dIn: source.dIn,
        rowsPerPass: source.train.rowsPerPass,
        symmetry: source.symmetry,
      });
      ranks?.requireShared(built.population);
      await prepareAnalyses(config, source, context.baseFolder);
      const beginning = source.train.state();
      const fromStep = await startOrRestore(folder, built, source, context, warn);
      // A kill may have come between the writing of this one and the removal of others.
      if (fromStep > 0)
        await removeOldCheckpoints(folder, fromStep, config.training.keepCheckpoints);
      await ranks?.agree({ "number of steps taken": fromStep });
      const { totalSteps } = built;
      requireStepsLeft(folder, fromStep, totalSteps);
      for (const message of [
        ...unheardKeys(config.population, built.members),
        ...idleAnalyses(config, source).map(
          (name) => `analyses: ${name} has nothing to look at in these rows, and is left out.`,
        ),
        ...identicalMembers(built.members),
        ...saveAtWarnings(config.training.saveAt, totalSteps),
        ...changedStarts(record, starts?.sha256),
        ...resumeWarnings(record, backend, source.provenance),
        ...scheduleWarnings(built.members, fromStep, record.totalSteps, totalSteps),
      ])
        warn(message);
      if (changes.length > 0) {
        const change = { changedAt: context.now().toISOString(), fromStep, changes };
        record.configChanges = [...(record.configChanges ?? []), change];
      }
      Object.assign(attempt, { fromStep, toStep: fromStep });
      if (space) record.planned ??= space;
      record.provenance = source.provenance;
      record.totalSteps = totalSteps;
      if (source.normalization) record.normalization = source.normalization;
      if (starts?.sha256) record.initFrom = starts.sha256;
      record.status = "running";
      await folder.writeRecord({ ...record, attempts: [...record.attempts, attempt] });
      if (fromStep === 0) await recordStarts(backend, folder, built.population, config.seed);
      if (changes.length > 0) await writeChangedConfig(folder, config, record.configChanges ?? []);
      context.onEvent?.({
        kind: "opened",
        folder: folder.path,
        totalSteps,
        fromStep,
        changed: changes.map(changeText),
      });
      const isLogged = fromStep === totalSteps || logsStep(config, fromStep);
      const logs = await openLogs(folder, fromStep, isLogged);
      try {
        const loggers = await openLoggers(folder, config.loggers, fromStep, context.now);
        const training: Training = {
          config,
          context,
          folder,
          built,
          ranks,
          source,
          beginning,
          logs,
          loggers,
        };
        await train(training, fromStep, (step, trainingMs) => {
          Object.assign(attempt, { toStep: step, trainingSeconds: trainingMs / 1000 });
        });
        const { population } = built;
        await saveMembers(folder, population, source, context);
        const found = await evaluate(training);
        await writeAnalyses(folder, found);
        const peakBefore = record.measured?.["peak_memory_bytes"] ?? 0;
        record.measured = {
          ...measuredTraining(record, attempt, config.training.batch),
          peak_memory_bytes: Math.max(peakBefore, context.peakMemory()),
          disk_bytes: await bytesBelow(folder.path),
        };
        await finish("finished");
        // As the files hold them: JSON has no infinity.
        const results = (await finishedResults(folder, record, config))!;
        for (const { message } of results.evaluation.warnings ?? []) warn(message);
        return { folder, results, record };
      } finally {
        await logs.close();
      }
    } finally {
      await opened.close();
    }
  } catch (error) {
    const interrupted = error instanceof ConcordError && error.code === "interrupted";
    const isConflict = error instanceof ConcordError && error.code === "run/conflict";
    // What is refused leaves a run that had begun as it was.
    const refused = isConflict && record.totalSteps !== undefined;
    // The first failure is the one to report, even when the disk takes no more.
    if (!refused)
      await finish(interrupted ? "interrupted" : "failed", error).catch(() => undefined);
    throw error;
  } finally {
    ranks?.close();
    await lock?.release();
  }
}
