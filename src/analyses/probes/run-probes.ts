/** @file Fits probes to members' codes and to activations, and tries them on other rows. */

import { randomStream } from "../../base/philox.ts";
import { bootstrapInterval, meanBootstrap } from "../../base/statistics/bootstrap.ts";
import { mean } from "../../base/statistics/mean.ts";
import type { AlignedLabels } from "../../evaluate/probes/align-labels.ts";
import {
  bestColumns,
  type Codes,
  denseCodes,
  type FeatureMatrix,
  largestOfRows,
  rowsOf,
  standardise,
} from "../../evaluate/probes/features.ts";
import { fitLogistic, logisticScores } from "../../evaluate/probes/logistic.ts";
import { blindScores, type TaskScores, taskScores } from "../../evaluate/probes/scores.ts";
import { type Split, splitGroups } from "../../evaluate/probes/split.ts";
import { treeScores } from "../../evaluate/probes/xgboost/boosted-trees.ts";
import type { Xgboost } from "../../evaluate/probes/xgboost/library.ts";
import { codesOf, encoders, type ProbingContext, readRows } from "./inputs.ts";
import type { ProbeOptions } from "./options.ts";
import { ALL, classesOf, type Probed, type ProbesResult, type SCORES } from "./result.ts";
import { type KeptTasks, keptTasks } from "./tasks.ts";

/** What all probes of a run share. */
interface Probing extends KeptTasks {
  readonly context: ProbingContext;
  readonly options: ProbeOptions;
  readonly xgboost: Xgboost | undefined;
  readonly split: Split;
  readonly groupSize: number;
}

type Input = Pick<Probed, "input" | "member" | "k" | "l0">;

/** Probes everything. */
export async function runProbes(
  context: ProbingContext,
  labels: AlignedLabels,
  options: ProbeOptions,
  xgboost: Xgboost | undefined,
): Promise<ProbesResult> {
  const { groupSize } = labels;
  const { backend, source, seed, pause } = context;
  const most = Math.min(options.rows, source.heldOut.rows);
  const rows = most - (most % groupSize);
  const split = splitGroups(rows, groupSize, seed);
  const kept = keptTasks(labels, split);
  const probing = { context, options, xgboost, split, groupSize, ...kept };
  const activations = await readRows(context, rows);
  const probed: Probed[] = [];
  if (options.raw) {
    const input = { input: "activations", member: null, k: null, l0: null };
    probed.push(...(await probeFeatures(probing, input, null, activations)));
  }
  const all = encoders(context.members, options.topK);
  for (const [done, { member, sae, k }] of all.entries()) {
    context.onLooked(done * rows, all.length * rows);
    const codes = await codesOf(backend, sae, activations, pause);
    const { architecture, seed: own, coupled, setting } = member;
    const input = {
      input: member.name,
      member: { architecture, seed: own, coupled, setting },
      k: k ?? null,
      l0: codes.values.length / rows,
    };
    for (const length of options.lengths) {
      const features = denseCodes(backend, truncated(codes, length, options), split.train);
      probed.push(...(await probeFeatures(probing, input, length, features)));
      context.phaseDone();
    }
  }
  context.onLooked(all.length * rows, all.length * rows);
  const classes = classesOf(kept.tasks);
  return {
    rows,
    groups: rows / groupSize,
    group_size: groupSize,
    train_rows: split.train.length,
    test_rows: split.test.length,
    by: options.by,
    xgboost: xgboost?.version ?? null,
    tasks: kept.tasks,
    left_out: kept.leftOut,
    blind: Object.fromEntries(classes.map((name) => [name, blindOf(kept, name)])),
    intervals: Object.fromEntries(
      classes.map((name) => [name, ofClass(kept, name).length > 1 ? "tasks" : "groups"]),
    ),
    probed,
  };
}

function truncated(codes: Codes, length: number | "all", { by }: ProbeOptions): Codes {
  return length === "all" || by === "best" ? codes : largestOfRows(codes, length);
}

/** All kinds of probes on some features. */
async function probeFeatures(
  probing: Probing,
  input: Input,
  length: Probed["length"],
  features: FeatureMatrix,
): Promise<Probed[]> {
  const { context, options, split, trainLabels, tasks } = probing;
  const { backend, pause } = context;
  const train = await rowsOf(backend, features, split.train);
  const test = await rowsOf(backend, features, split.test);
  standardise(train, test);
  const count = tasks.length;
  const chooses = options.by === "best" && typeof length === "number";
  const mask = chooses ? await bestColumns(backend, train, trainLabels, count, length) : undefined;
  const found: Probed[] = [];
  for (const probe of options.probes) {
    let unconverged = 0;
    let scores: Float32Array;
    if (probe === "logistic") {
      const targets = { tasks: count, labels: trainLabels, mask };
      const models = await fitLogistic(backend, train, targets, { C: options.c, pause });
      unconverged = models.unconverged;
      scores = await logisticScores(backend, test, models);
    } else scores = await boosted(probing, [train, test], mask);
    const columns = chooses ? Math.min(length, train.columns) : train.columns;
    const own = { ...input, probe, length, features: columns, unconverged };
    found.push({ ...own, ...judged(probing, scores) });
  }
  return found;
}

async function boosted(
  { context, options, xgboost, trainLabels, tasks }: Probing,
  both: readonly [FeatureMatrix, FeatureMatrix],
  mask: Uint8Array | undefined,
): Promise<Float32Array> {
  const { pause } = context;
  const { trees, depth } = options;
  const settings = { trees, depth, pause };
  const count = tasks.length;
  if (!mask) return treeScores(xgboost!, both, trainLabels, count, settings);
  const scores = new Float32Array(both[1].rows * count);
  for (let task = 0; task < count; task++) {
    const own = mask.subarray(task * both[0].columns, (task + 1) * both[0].columns);
    const chosen = both.map((x) => columnsOf(x, own)) as [FeatureMatrix, FeatureMatrix];
    const answers = trainLabels.filter((_, at) => at % count === task);
    const one = await treeScores(xgboost!, chosen, answers, 1, settings);
    for (const [i, score] of one.entries()) scores[i * count + task] = score;
  }
  return scores;
}

/** The columns that a mask has. */
function columnsOf({ rows, columns, values }: FeatureMatrix, mask: Uint8Array): FeatureMatrix {
  const index = Array.from(mask.keys()).filter((j) => mask[j] === 1);
  const out = new Float32Array(rows * index.length);
  for (let b = 0, at = 0; b < rows; b++)
    for (const j of index) out[at++] = values[b * columns + j]!;
  return { rows, columns: index.length, values: out };
}

/** Numbers of the tasks of a class. */
function ofClass({ tasks }: Pick<KeptTasks, "tasks">, name: string): number[] {
  return Array.from(tasks.keys()).filter((t) => name === ALL || tasks[t]!.class === name);
}

function blindOf(kept: KeptTasks, name: string): TaskScores {
  const all = ofClass(kept, name).map((t) => blindScores(kept.tasks[t]!.share));
  const over = (key: (typeof SCORES)[number]) => mean(all.map((scores) => scores[key]));
  return { accuracy: over("accuracy"), f1: over("f1"), auroc: over("auroc") };
}

/** Scores of each task, and means over the tasks of each class. */
function judged(probing: Probing, scores: Float32Array): Pick<Probed, "tasks" | "classes"> {
  const { tasks, testLabels, context, groupSize } = probing;
  const count = tasks.length;
  const each = tasks.map((_, task) => taskScores(scores, testLabels, { task, tasks: count }));
  const stream = randomStream(context.seed, "probes/intervals");
  const meanOf = (name: string, key: (typeof SCORES)[number]) => {
    const own = ofClass(probing, name);
    const values = own.map((t) => each[t]![key]);
    const single = () => {
      const groups = testLabels.length / count / groupSize;
      return bootstrapInterval(stream, groups, (drawn) => {
        const some = drawnScores(scores, testLabels, drawn, { groupSize, task: own[0]!, count });
        const value = some[key];
        return Number.isNaN(value) ? undefined : value;
      });
    };
    const [low, high] = (own.length > 1 ? meanBootstrap(stream, values) : single()) ?? [];
    return { mean: mean(values), low: low ?? null, high: high ?? null };
  };
  return {
    tasks: {
      accuracy: each.map(({ accuracy }) => accuracy),
      f1: each.map(({ f1 }) => f1),
      auroc: each.map(({ auroc }) => auroc),
    },
    classes: Object.fromEntries(
      classesOf(tasks).map((name) => [
        name,
        {
          accuracy: meanOf(name, "accuracy"),
          f1: meanOf(name, "f1"),
          auroc: meanOf(name, "auroc"),
        },
      ]),
    ),
  };
}

/** Scores of one task on drawn groups of rows. */
function drawnScores(
  scores: Float32Array,
  labels: Uint8Array,
  drawn: Int32Array,
  { groupSize, task, count }: { groupSize: number; task: number; count: number },
): TaskScores {
  const own = new Float32Array(drawn.length * groupSize);
  const answers = new Uint8Array(own.length);
  for (const [i, group] of drawn.entries())
    for (let j = 0; j < groupSize; j++) {
      const from = (group * groupSize + j) * count + task;
      own[i * groupSize + j] = scores[from]!;
      answers[i * groupSize + j] = labels[from]!;
    }
  return taskScores(own, answers);
}
