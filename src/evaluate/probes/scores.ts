/** @file How well scores answer yes-or-no questions. */

/** The scores of one task. */
export interface TaskScores {
  /** Share of right answers. */
  readonly accuracy: number;
  /** 2 · right yes / (yes + answered yes); 0 where there is no right yes. */
  readonly f1: number;
  /** Chance that a yes scores above a no; ties count half. */
  readonly auroc: number;
}

/**
 * Accuracy, F1 and area under the ROC curve; a score above zero answers yes.
 *
 * @param scores One per row, with `labels`; a stride picks one task of many.
 * @returns `auroc` is NaN where all labels are equal.
 */
export function taskScores(
  scores: Float32Array,
  labels: Uint8Array,
  { task = 0, tasks = 1 }: { readonly task?: number; readonly tasks?: number } = {},
): TaskScores {
  const rows = scores.length / tasks;
  let [right, rightYes, yes, saidYes] = [0, 0, 0, 0];
  for (let at = task; at < scores.length; at += tasks) {
    const said = scores[at]! > 0 ? 1 : 0;
    right += said === labels[at] ? 1 : 0;
    rightYes += said & labels[at]!;
    yes += labels[at]!;
    saidYes += said;
  }
  const own = Float32Array.from({ length: rows }, (_, i) => scores[i * tasks + task]!);
  const order = Uint32Array.from(own.keys()).sort((i, j) => own[i]! - own[j]!);
  let ranks = 0;
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && own[order[end]!] === own[order[start]!]) end++;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) if (labels[order[i]! * tasks + task]) ranks += rank;
    start = end;
  }
  const auroc = (ranks - (yes * (yes + 1)) / 2) / (yes * (rows - yes));
  return {
    accuracy: right / rows,
    f1: rightYes === 0 ? 0 : (2 * rightYes) / (yes + saidYes),
    auroc,
  };
}

/** What answers without looking reach: the commoner answer, and always yes. */
export function blindScores(share: number): TaskScores {
  return { accuracy: Math.max(share, 1 - share), f1: (2 * share) / (1 + share), auroc: 0.5 };
}
