/** @file What is known of the pictures behind rows, as answers that probes look for. */

import type { RowLabels } from "../../../sources/row-labels.ts";
import { makerOf } from "../pictures/made-pictures.ts";
import type { ImagesConfig } from "../schema.ts";
import { type KeptPictures, openKeptPictures } from "./kept-pictures.ts";
import { groupOf } from "./open-rows.ts";

/** How tasks are split that ask for classes. */
const OF_CLASSES = "classes";

/**
 * The answers of a store's pictures: to their tasks, or else one task for each class.
 *
 * Where answers move with pictures, each row has its own: that of the picture as it is seen in
 * its pose. With `source.tasks_of: canonical` all poses have the answers of the canonical one.
 *
 * @returns Undefined for pictures of which nothing is known.
 */
export async function pictureLabels(
  source: ImagesConfig,
  folder: string,
): Promise<RowLabels | undefined> {
  const kept = await openKeptPictures(folder);
  await kept?.close();
  if (!kept) return undefined;
  if (kept.tasks.length === 0) return classLabels(kept);
  const things = kept.facts.names.length;
  const tasks = kept.tasks.map(({ name, kind }) => ({ name, class: kind }));
  const group = groupOf(source);
  const drawn = typeof source.pictures === "string" ? undefined : makerOf(source.pictures);
  const moved = group && source.tasksOf === "pose" ? drawn?.movedTasks?.(group) : undefined;
  const poses = moved ?? [Int32Array.from(tasks, (_, t) => t)];
  const values = new Uint8Array(things * poses.length * tasks.length);
  let at = 0;
  for (let picture = 0; picture < things; picture++)
    for (const pose of poses)
      for (let t = 0; t < tasks.length; t++) values[at++] = kept.tasks[pose[t]!]!.labels[picture]!;
  return { tasks, things: things * poses.length, values };
}

function classLabels({ classes }: KeptPictures): RowLabels | undefined {
  if (!classes || classes.names.length < 2) return undefined;
  const { names, of } = classes;
  // Of two classes a single task, because both ask the same.
  const asked = names.length === 2 ? [1] : names.map((_, i) => i);
  const values = new Uint8Array(of.length * asked.length);
  for (const [i, label] of of.entries())
    for (const [t, wanted] of asked.entries()) values[i * asked.length + t] = +(label === wanted);
  const tasks = asked.map((i) => ({ name: names[i]!, class: OF_CLASSES }));
  return { tasks, things: of.length, values };
}
