/**
 * @file Tasks beside the rows of a store, as probes read them: `tasks.json` with names and classes,
 *   `labels.npy` with the answers.
 */

import { join } from "node:path";
import { tensor } from "../../../base/tensor.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { writeNpy } from "../../../formats/npy.ts";
import type { PictureTask } from "../made.ts";

/**
 * Writes both files: `labels.npy` is uint8 [pictures, tasks], of pictures in their canonical pose
 * and in the order of the rows.
 *
 * @param order Of the rows: their pictures.
 */
export async function keepTasks(
  folder: string,
  tasks: readonly PictureTask[],
  order: ArrayLike<number>,
): Promise<void> {
  const labels = new Uint8Array(order.length * tasks.length);
  for (const [t, task] of tasks.entries())
    for (let i = 0; i < order.length; i++) labels[i * tasks.length + t] = task.labels[order[i]!]!;
  const shape = [order.length, tasks.length];
  await writeNpy(join(folder, "labels.npy"), tensor("uint8", shape, labels));
  const listed = tasks.map(({ name, kind }) => ({ name, class: kind }));
  await writeFileAtomically(join(folder, "tasks.json"), `${JSON.stringify({ tasks: listed })}\n`);
}
