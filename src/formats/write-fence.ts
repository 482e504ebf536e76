/**
 * @file Folders that this process may write only while nobody has taken them over. What puts files
 *   in place asks here first, so that a writer who is late stops and harms nothing.
 */

import { dirname, resolve } from "node:path";

/** The right to write a folder and everything below it. */
export interface WriteFence {
  /** Counts the processes that took the folder over, from 1. */
  readonly attempt: number;
  /** @throws {ConcordError} `run/superseded` once a later attempt has taken the folder over. */
  check(): Promise<void>;
}

const fences = new Map<string, WriteFence>();

/** Puts a fence around a folder. @returns What takes it away. */
export function raiseFence(folder: string, fence: WriteFence): () => void {
  const key = resolve(folder);
  fences.set(key, fence);
  return () => {
    if (fences.get(key) === fence) fences.delete(key);
  };
}

/** The fence that a path lies behind; undefined for most. */
export function fenceOf(path: string): WriteFence | undefined {
  if (fences.size === 0) return undefined;
  for (let at = resolve(path); ; at = dirname(at)) {
    const fence = fences.get(at);
    if (fence) return fence;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * Called right before something at `path` is renamed, removed, appended to or pushed elsewhere.
 *
 * A later attempt may still begin between this check and what follows it. Writers therefore use
 * names of their own until they rename, and what they rename has the same bytes whoever made it.
 *
 * @throws {ConcordError} `run/superseded` when a later attempt has taken the folder over.
 */
export async function requireWritable(path: string): Promise<void> {
  await fenceOf(path)?.check();
}
