/** @file Tasks that can be learnt and tried: those with both answers on both sides of the split. */

import { ConcordError } from "../../errors.ts";
import type { AlignedLabels } from "../../evaluate/probes/align-labels.ts";
import type { Split } from "../../evaluate/probes/split.ts";
import type { ProbesResult } from "./result.ts";

/** Tasks with the answers of both sides. */
export interface KeptTasks {
  readonly tasks: ProbesResult["tasks"];
  readonly leftOut: ProbesResult["left_out"];
  /** [rows, tasks] */
  readonly trainLabels: Uint8Array;
  readonly testLabels: Uint8Array;
}

/** Whether answers of a task are all no, all yes, or both. */
function kindOf(labels: Uint8Array, task: number, tasks: number): "no" | "yes" | "both" {
  let yes = 0;
  for (let at = task; at < labels.length; at += tasks) yes += labels[at]!;
  if (yes === 0) return "no";
  return yes === labels.length / tasks ? "yes" : "both";
}

/**
 * Leaves out tasks with a single answer among the rows to learn from or to try on.
 *
 * @throws {ConcordError} "argument/invalid" when none is left.
 */
export function keptTasks({ tasks, of }: AlignedLabels, { train, test }: Split): KeptTasks {
  const [all, other] = [of(train), of(test)];
  const count = tasks.length;
  const leftOut: { name: string; why: string }[] = [];
  const kept = Array.from(tasks.keys()).filter((t) => {
    for (const [where, labels] of [
      ["to learn from", all],
      ["to try on", other],
    ] as const) {
      const kind = kindOf(labels, t, count);
      if (kind === "both") continue;
      leftOut.push({ name: tasks[t]!.name, why: `every row ${where} answers ${kind}` });
      return false;
    }
    return true;
  });
  if (kept.length === 0)
    throw new ConcordError(
      "argument/invalid",
      `probes: no task has both answers among the held-out rows: of ${leftOut[0]?.name}, ${leftOut[0]?.why}.`,
      { hint: "Hold out more rows, or check that labels are in the order of the rows." },
    );
  const some = (labels: Uint8Array) => {
    const rows = labels.length / count;
    const out = new Uint8Array(rows * kept.length);
    for (let b = 0, at = 0; b < rows; b++) for (const t of kept) out[at++] = labels[b * count + t]!;
    return out;
  };
  const testLabels = some(other);
  return {
    tasks: kept.map((t, i) => {
      let yes = 0;
      for (let at = i; at < testLabels.length; at += kept.length) yes += testLabels[at]!;
      const { name } = tasks[t]!;
      return { name, class: tasks[t]!.class, share: (yes * kept.length) / testLabels.length };
    }),
    leftOut,
    trainLabels: some(all),
    testLabels,
  };
}
