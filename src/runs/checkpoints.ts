/**
 * @file Checkpoints: written beside and renamed, checked when read, the last few kept. A damaged one is passed over for the one
 * before it.
 */

import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FormatError, messageOf } from "../errors.ts";
import { syncFolder, writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import type { StreamState } from "../sources/source.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { RunFolder } from "./run-folder.ts";

export interface Checkpoint {
  /** Steps taken. */
  readonly step: number;
  readonly stream: StreamState;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly json: Readonly<Record<string, unknown>>;
}

const FOLDER = "checkpoints";
const NAME = /^step-(\d{6,})$/;

function nameOf(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 22 })) hash.update(piece);
  return hash.digest("hex");
}

/** Steps of the checkpoints that are there, ascending. */
export async function checkpointSteps(folder: RunFolder): Promise<number[]> {
  const path = folder.file(FOLDER);
  if (!existsSync(path)) return [];
  const steps = (await readdir(path)).flatMap((name) => {
    const match = NAME.exec(name);
    return match ? [Number(match[1])] : [];
  });
  return steps.sort((a, b) => a - b);
}

/** Writes a checkpoint and removes all but the newest `keep`; leftovers of interrupted writes go as well. */
export async function writeCheckpoint(
  folder: RunFolder,
  checkpoint: Checkpoint,
  keep: number,
): Promise<void> {
  const root = await folder.makeFolder(FOLDER);
  const partial = `${nameOf(checkpoint.step)}.partial`;
  await rm(join(root, partial), { recursive: true, force: true });
  await folder.makeFolder(FOLDER, partial);
  const weights = join(root, partial, "state.safetensors");
  await writeSafetensors(weights, checkpoint.tensors);
  const { step, stream, json } = checkpoint;
  const state = { step, stream, ...json, sha256: await sha256(weights) };
  await writeFileAtomically(
    join(root, partial, "state.json"),
    `${JSON.stringify(state, null, 2)}\n`,
  );
  const final = join(root, nameOf(step));
  try {
    await rm(final, { recursive: true, force: true });
    await rename(join(root, partial), final);
  } catch (error) {
    throw ioError(error, "write", final);
  }
  await syncFolder(root);
  const steps = await checkpointSteps(folder);
  for (const old of steps.slice(0, Math.max(0, steps.length - keep)))
    await rm(join(root, nameOf(old)), { recursive: true, force: true });
  for (const name of await readdir(root))
    if (name.endsWith(".partial")) await rm(join(root, name), { recursive: true, force: true });
}

async function readCheckpoint(folder: RunFolder, step: number): Promise<Checkpoint> {
  const path = folder.file(FOLDER, nameOf(step));
  const text = await readFile(join(path, "state.json"), "utf8");
  let state: Record<string, unknown>;
  try {
    state = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new FormatError(join(path, "state.json"), `not JSON: ${messageOf(error)}`);
  }
  const weights = join(path, "state.safetensors");
  if ((await sha256(weights)) !== state["sha256"])
    throw new FormatError(
      weights,
      "its bytes are not the ones that were written (SHA-256 differs)",
    );
  const { tensors } = await readSafetensors(weights);
  const { stream, sha256: _, step: saved, ...json } = state;
  return { step: Number(saved), stream: stream as StreamState, tensors, json };
}

/**
 * The newest checkpoint that is whole.
 *
 * @param onDamaged Told of each one that is not, in one line.
 * @returns undefined when there is none.
 */
export async function latestCheckpoint(
  folder: RunFolder,
  onDamaged: (message: string) => void,
): Promise<Checkpoint | undefined> {
  for (const step of (await checkpointSteps(folder)).reverse())
    try {
      return await readCheckpoint(folder, step);
    } catch (error) {
      onDamaged(`Checkpoint ${nameOf(step)} cannot be used: ${messageOf(error)}`);
    }
  return undefined;
}
