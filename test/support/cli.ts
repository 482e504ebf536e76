/**
 * @file Runs the command line as it is built, as a user would run it from anywhere:
 *   `concord(["runs", "--json"], folder)`.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

export interface Ended {
  /** null after a signal that was not caught. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `concord <args>` in `cwd`, with a cache of its own there and no network. */
export function startConcord(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Started {
  const { HOME, PATH } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "dist/cli/main.js"), ...args], {
    cwd,
    env: {
      HOME,
      PATH,
      CONCORD_CACHE: join(cwd, "cache"),
      CONCORD_OFFLINE: "1",
      HF_HUB_CACHE: join(cwd, "hub"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]!.setEncoding("utf8").on("data", (piece: string) => {
      text[name] += piece;
    });
  const ended = new Promise<Ended>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle({ code, ...text }));
  });
  return { child, ended };
}

/** Runs `concord <args>` to its end. */
export function concord(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startConcord(args, cwd, env).ended;
}

/** Waits until `condition` holds. @throws when it does not within half a minute. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((wake) => setTimeout(wake, 5));
  }
}

/** Every file below `folder` with its bytes, by path; those that `leaveOut` matches not. */
export function filesBelow(folder: string, leaveOut?: RegExp): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !leaveOut?.test(name))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}
