/**
 * @file The training loop: one batch after another through every member, with the coupling between
 *   them. It knows nothing of files or terminals; what happens is handed to the caller as it
 *   happens.
 */

import { ConcordError, ShapeError } from "../errors.ts";
import { scheduleFactor } from "../sae/schedule.ts";
import type { Batch, StepResult } from "../sae/trainable.ts";
import type { ActivationStream, StreamState } from "../sources/source.ts";
import type { Coupling } from "./couplings/coupling.ts";
import type { Population, PopulationMember } from "./population.ts";
import {
  activityScore,
  activityTarget,
  type ReinitialiseOptions,
  reinitialise,
} from "./reinitialise.ts";
import { giveStartRows } from "./start-rows.ts";

/** What to train, on what, and for how long. */
export interface TrainOptions {
  readonly population: Population;
  readonly stream: ActivationStream;
  /** First step to take, 0 unless resuming. */
  readonly firstStep: number;
  readonly totalSteps: number;
  readonly coupling?: Coupling | undefined;
  readonly reinitialise?: ReinitialiseOptions | undefined;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
}

/** Wall-clock milliseconds of one step by what they were spent on. */
export interface StepTiming {
  readonly source: number;
  readonly coupling: number;
  readonly members: number;
  readonly total: number;
}

/** One step of one member. */
export interface MemberStep extends StepResult {
  readonly lr: number;
  /** Score of the reinitialisation rule, when it is in force. */
  readonly activityScore: number | undefined;
  readonly reinitialised: boolean;
}

/** One step of a population, after its update. */
export interface PopulationStep {
  /** Counted from 0. */
  readonly step: number;
  readonly batch: Float32Array;
  /** What the batch was to be reconstructed as: `batch` itself for a stream without targets. */
  readonly target: Float32Array;
  readonly members: readonly MemberStep[];
  readonly couplingLoss: number;
  readonly couplingWork: Readonly<Record<string, number>>;
  readonly timing: StepTiming;
  /** Where the stream stands after this step's batch. */
  readonly streamState: StreamState;
}

/** Names step and member in errors about numbers that are not finite. */
async function trainMember(
  options: TrainOptions,
  member: PopulationMember,
  step: number,
  batch: Batch,
  pull: Float32Array | undefined,
): Promise<MemberStep> {
  try {
    return await memberStep(options, member, step, batch, pull);
  } catch (error) {
    if (error instanceof ConcordError && error.code === "numeric/not-finite")
      throw new ConcordError(error.code, `Step ${step + 1}, ${member.name}: ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    throw error;
  }
}

async function memberStep(
  options: TrainOptions,
  member: PopulationMember,
  step: number,
  batch: Batch,
  pull: Float32Array | undefined,
): Promise<MemberStep> {
  const { population, totalSteps } = options;
  const rule = options.reinitialise;
  const { sae } = member;
  let f = await sae.forward(batch);
  let score: number | undefined;
  let reinitialised = false;
  const expected = rule && activityTarget(member, rule);
  if (rule && expected !== undefined) {
    score = activityScore(f.activeRows, population.batch, expected);
    if (score > rule.threshold && step - member.reinitialisedAt >= rule.coolDownSteps) {
      await reinitialise(member, step);
      reinitialised = true;
      // The coupling's gradient stays the one of the old weights, as in the MFR authors' code.
      f = await sae.forward(batch);
    }
  }
  const lr = member.lr * scheduleFactor({ totalSteps, ...member.schedule }, step);
  const moved = options.coupling ? member.stepMoved : undefined;
  const result = await sae.backward(f, { lr, pull, moved });
  if (moved) member.movement.record(moved);
  return { lr, activityScore: score, reinitialised, ...result };
}

async function requireFinite(
  { backend, batch, dIn }: Population,
  step: number,
  x: Float32Array,
  what: string,
): Promise<void> {
  const badRow = await backend.center({ x, batch, dIn, out: x });
  if (badRow < 0) return;
  throw new ConcordError(
    "numeric/not-finite",
    `Step ${step + 1}: ${what} ${badRow} of the batch holds a value that is not finite.`,
    { hint: "The source yields NaN or infinity. The last checkpoint is unchanged." },
  );
}

/**
 * Trains from `firstStep` to `totalSteps`, yielding after every step; stopping the iteration stops
 * the training.
 *
 * The next batch is prepared while the caller looks at a step and while the members train. So the
 * stream runs ahead by one batch: checkpoints must use the yielded `streamState`.
 *
 * @throws {ConcordError} "numeric/not-finite" naming step and row, or step and member, when
 *   activations or a loss are not finite; {ShapeError} when the stream's rows are not as wide as
 *   the members.
 */
export async function* trainPopulation(options: TrainOptions): AsyncGenerator<PopulationStep> {
  const { population, stream, coupling, clock } = options;
  const { backend, dIn, batch } = population;
  if ((stream.dIn ?? dIn) !== dIn)
    throw new ShapeError("train", `activations of d_in ${dIn}`, `a stream of d_in ${stream.dIn}`);
  if (options.firstStep === 0) await giveStartRows(population, stream);
  const rows = () => backend.float32(batch * dIn);
  const buffers = [0, 1].map(() => ({ x: rows(), target: stream.hasTargets ? rows() : undefined }));
  const load = async (step: number) => {
    const { x, target } = buffers[step % 2]!;
    await stream.next(x, target);
    return { x, target, streamState: stream.state() };
  };
  let upcoming = options.firstStep < options.totalSteps ? load(options.firstStep) : undefined;
  try {
    for (let step = options.firstStep; step < options.totalSteps; step++) {
      const start = clock();
      const { x, target, streamState } = await upcoming!;
      await requireFinite(population, step, x, "row");
      if (target) await requireFinite(population, step, target, "the target of row");
      upcoming = step + 1 < options.totalSteps ? load(step + 1) : undefined;
      // Its failure is thrown where it is awaited, one step later.
      upcoming?.catch(() => {});
      const sourceEnd = clock();
      // An empty code decodes to b_dec, so it starts amid what is to be reconstructed.
      if (step === 0) for (const { sae } of population.members) await sae.fitTo(target ?? x);
      const { totalSteps } = options;
      const now = { step, totalSteps, batch: { x, target } };
      const couplingStart = clock();
      const pull = coupling && (await coupling.pull(population, now));
      const couplingEnd = clock();
      const members: MemberStep[] = [];
      for (const [i, member] of population.members.entries())
        members.push(await trainMember(options, member, step, { x, target }, pull?.gradients[i]));
      const end = clock();
      yield {
        step,
        batch: x,
        target: target ?? x,
        members,
        streamState,
        couplingLoss: pull?.loss ?? 0,
        couplingWork: pull?.work ?? {},
        timing: {
          source: sourceEnd - start,
          coupling: couplingEnd - couplingStart,
          members: couplingStart - sourceEnd + (end - couplingEnd),
          total: end - start,
        },
      };
    }
  } finally {
    await upcoming?.catch(() => {});
  }
}
