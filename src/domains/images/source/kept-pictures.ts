/**
 * @file What a store of pictures keeps beside its rows: small pictures, what they are called, their
 *   classes and tasks, and how rows belong to them.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Tensor, tensor } from "../../../base/tensor.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { ioError } from "../../../formats/io-error.ts";
import { openSafetensors, writeSafetensors } from "../../../formats/safetensors-file.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import { GROUPS } from "../groups/group-names.ts";
import type { PictureClasses, PictureTask } from "../made.ts";
import type { PictureSize } from "../pictures/picture-set.ts";

const FACTS_FILE = "pictures.json";
const TENSORS_FILE = "pictures.safetensors";

const extent = z.number().int().min(1);

export const factsSchema = z.object({
  /** Of the pictures as they are kept, [h, w, c]. */
  size: z.tuple([extent, extent, extent]),
  /** Rows of a picture: poses × positions. */
  poses: extent,
  positions: extent,
  /** Height and width of the grid of positions; null where there is none. */
  grid: z.tuple([extent, extent]).nullable(),
  group: z.object({ group: z.enum(GROUPS), steps: extent }).nullable(),
  /** In the order of the rows. */
  names: z.array(z.string()),
  classes: z.array(z.string()).nullable(),
  tasks: z.array(z.object({ name: z.string(), kind: z.string() })),
});

/** How the rows of a store belong to pictures, and what these are called. */
export type PictureFacts = z.output<typeof factsSchema>;

/** The pictures of a store. */
export interface KeptPictures {
  readonly facts: PictureFacts;
  /** In the order of the rows. */
  readonly classes?: PictureClasses;
  readonly tasks: readonly PictureTask[];
  /** Reads pictures as they are kept, [pictures, h, w, c]. */
  read(pictures: ArrayLike<number>): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What is written once all rows are there. */
export interface PicturesToKeep {
  readonly facts: PictureFacts;
  /** [pictures, h, w, c] */
  readonly pictures: Uint8Array;
  readonly classes?: Int32Array | undefined;
  /** One for each of `facts.tasks`. */
  readonly tasks: readonly Uint8Array[];
}

/** Bytes of the small pictures of a set. */
export function keptBytes(count: number, [height, width, channels]: PictureSize): number {
  return count * height * width * channels;
}

/** Most bytes of pictures that are kept for examples. */
export const MOST_SHOWN_BYTES = 2 ** 27;

/** Bytes of the pictures of so many rows, while latents are described. */
export function describingBytes(
  rows: number,
  { size, poses, positions }: Pick<PictureFacts, "size" | "poses" | "positions">,
): number {
  const pictures = Math.ceil(rows / (poses * positions));
  return Math.min(MOST_SHOWN_BYTES, keptBytes(pictures, size));
}

/** Writes them into the folder of a store. */
export async function keepPictures(folder: string, kept: PicturesToKeep): Promise<void> {
  const { facts, pictures, classes, tasks } = kept;
  const count = facts.names.length;
  const tensors = new Map<string, Tensor>([
    ["pictures", tensor("uint8", [count, ...facts.size], pictures)],
  ]);
  if (classes) tensors.set("classes", tensor("int32", [count], classes));
  const labels = Uint8Array.from(tasks.flatMap((task) => Array.from(task)));
  if (tasks.length > 0) tensors.set("tasks", tensor("uint8", [tasks.length, count], labels));
  await writeSafetensors(join(folder, TENSORS_FILE), tensors);
  await writeFileAtomically(join(folder, FACTS_FILE), `${JSON.stringify(facts)}\n`);
}

/**
 * Opens the pictures of a store.
 *
 * @returns Undefined for a store that has none.
 * @throws {ConcordError} for damaged files.
 */
export async function openKeptPictures(folder: string): Promise<KeptPictures | undefined> {
  const path = join(folder, FACTS_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const failure = ioError(error, "read", path);
    if (failure.code === "file/missing") return undefined;
    throw failure;
  }
  const facts = parseResult(factsSchema, JSON.parse(text), path);
  const file = await openSafetensors(join(folder, TENSORS_FILE));
  const data = async (name: string) => (await file.read(name)).data;
  const count = facts.names.length;
  const [height, width, channels] = facts.size;
  const each = height * width * channels;
  const labels = facts.tasks.length > 0 ? ((await data("tasks")) as Uint8Array) : undefined;
  const classes = facts.classes && {
    names: facts.classes,
    of: (await data("classes")) as Int32Array,
  };
  return {
    facts,
    ...(classes && { classes }),
    tasks: facts.tasks.map((task, i) => ({
      ...task,
      labels: labels!.subarray(i * count, (i + 1) * count),
    })),
    async read(pictures) {
      const out = new Uint8Array(pictures.length * each);
      for (let i = 0; i < pictures.length; i++)
        await file.readBytes(
          "pictures",
          pictures[i]! * each,
          out.subarray(i * each, (i + 1) * each),
        );
      return out;
    },
    close: () => file.close(),
  };
}
