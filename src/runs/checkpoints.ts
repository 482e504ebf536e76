/**
 * @file Checkpoints: written beside and renamed, checked when read, the last few kept. A damaged
 *   one is passed over for the one before it.
 *
 *   checkpoints/step-000500/   state.json  state.safetensors  SHA256SUMS
 *   (of both, as `sha256sum -c` reads it)
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Tensor } from "../base/tensor.ts";
import { FormatError, messageOf } from "../errors.ts";
import { syncFolder, writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { fenceOf, requireWritable } from "../formats/write-fence.ts";
import type { StreamState } from "../sources/source.ts";
import type { RunFolder } from "./run-folder.ts";

export interface Checkpoint {
  /** Steps taken. */
  readonly step: number;
  readonly stream: StreamState;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly json: Readonly<Record<string, unknown>>;
}

const FOLDER = "checkpoints";
const STATE = "state.json";
const WEIGHTS = "state.safetensors";
const SUMS = "SHA256SUMS";

/** A file is read back in pieces of this many bytes. */
const PIECE_BYTES = 2 ** 22;

const NAME = /^step-(\d{6,})$/;

function nameOf(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    // One piece of memory for all of the file; a stream takes a new one for every read.
    const piece = new Uint8Array(PIECE_BYTES);
    for (let bytes = -1; bytes !== 0; ) {
      bytes = (await file.read(piece)).bytesRead;
      hash.update(piece.subarray(0, bytes));
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

function sha256Of(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
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

/**
 * Removes all but the newest `keep` checkpoints up to `step`, and what interrupted writes left.
 *
 * Later ones stay: training that starts again at `step` has passed them over as damaged, and they
 * count for nothing.
 */
export async function removeOldCheckpoints(
  folder: RunFolder,
  step: number,
  keep: number,
): Promise<void> {
  const root = await folder.makeFolder(FOLDER);
  await requireWritable(root);
  const steps = (await checkpointSteps(folder)).filter((other) => other <= step);
  const old = steps.slice(0, Math.max(0, steps.length - keep)).map(nameOf);
  const partial = (await readdir(root)).filter((name) => name.endsWith(".partial"));
  for (const name of [...old, ...partial])
    await rm(join(root, name), { recursive: true, force: true });
}

/** Writes a checkpoint, then removes all but the newest `keep`. */
export async function writeCheckpoint(
  folder: RunFolder,
  checkpoint: Checkpoint,
  keep: number,
): Promise<void> {
  const root = await folder.makeFolder(FOLDER);
  // A name of its own: another attempt may be writing the same step.
  const attempt = fenceOf(root)?.attempt;
  const own = attempt === undefined ? "" : `.attempt-${attempt}`;
  const partial = `${nameOf(checkpoint.step)}${own}.partial`;
  await rm(join(root, partial), { recursive: true, force: true });
  await folder.makeFolder(FOLDER, partial);
  const weights = join(root, partial, WEIGHTS);
  await writeSafetensors(weights, checkpoint.tensors);
  const { step, stream, json } = checkpoint;
  const state = `${JSON.stringify({ step, stream, ...json }, null, 2)}\n`;
  await writeFileAtomically(join(root, partial, STATE), state);
  const sums = `${sha256Of(state)}  ${STATE}\n${await sha256(weights)}  ${WEIGHTS}\n`;
  await writeFileAtomically(join(root, partial, SUMS), sums);
  const final = join(root, nameOf(step));
  await requireWritable(final);
  try {
    await rm(final, { recursive: true, force: true });
    await rename(join(root, partial), final);
  } catch (error) {
    throw ioError(error, "write", final);
  }
  await syncFolder(root);
  await removeOldCheckpoints(folder, step, keep);
}

async function readFileOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/** The checksum of each file, from SHA256SUMS. */
async function readSums(path: string): Promise<Map<string, string>> {
  const text = Buffer.from(await readFileOf(path)).toString("latin1");
  const sums = [...text.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)];
  return new Map(sums.map(([, sum, name]) => [name!, sum!]));
}

async function readCheckpoint(folder: RunFolder, step: number): Promise<Checkpoint> {
  const path = folder.file(FOLDER, nameOf(step));
  const sums = await readSums(join(path, SUMS));
  const requireSum = (name: string, sum: string) => {
    if (sums.get(name) === sum) return;
    const problem = "its bytes are not the ones that were written (SHA-256 differs)";
    throw new FormatError(join(path, name), problem);
  };
  const text = await readFileOf(join(path, STATE));
  requireSum(STATE, sha256Of(text));
  const weights = join(path, WEIGHTS);
  const sum = await sha256(weights).catch((error: unknown) => {
    throw ioError(error, "read", weights);
  });
  requireSum(WEIGHTS, sum);
  const { tensors } = await readSafetensors(weights);
  const { stream, step: saved, ...json } = JSON.parse(Buffer.from(text).toString("utf8"));
  return { step: Number(saved), stream, tensors, json };
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

/** Bytes that writing or reading a checkpoint takes in addition to its content. */
export function checkpointBytes(): number {
  return PIECE_BYTES;
}
