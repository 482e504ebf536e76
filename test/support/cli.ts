/**
 * @file Runs the command line as it is built, as a user would run it from anywhere:
 *   `concord(["runs", "--json"], folder)`. A command has a process of its own only where a test is
 *   about that: `startConcord`.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { CommandProcess, type Ended } from "./command-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

type Environment = Readonly<Record<string, string>>;

/** The environment of a command: a cache of its own in `cwd`, and no network. */
function environment(cwd: string, env: Environment): Environment {
  const { HOME = "", PATH = "" } = process.env;
  return {
    HOME,
    PATH,
    CONCORD_CACHE: join(cwd, "cache"),
    CONCORD_OFFLINE: "1",
    HF_HUB_CACHE: join(cwd, "hub"),
    ...env,
  };
}

/** Starts `concord <args>` in `cwd`, in a process of its own. */
export function startConcord(args: readonly string[], cwd: string, env: Environment = {}): Started {
  const child = spawn(process.execPath, [join(ROOT, "dist/cli/main.js"), ...args], {
    cwd,
    env: environment(cwd, env),
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

let commands: CommandProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `concord <args>` to its end, after those before it, in one process for all. `main.js` is
 * nothing but what that process calls.
 */
export function concord(
  args: readonly string[],
  cwd: string,
  env: Environment = {},
): Promise<Ended> {
  let isOver = false;
  let running: CommandProcess | undefined;
  onTestFinished(() => {
    isOver = true;
    running?.kill();
  });
  const ended = last.then(async () => {
    if (isOver) throw new Error("The test was over before this command was run.");
    if (!commands?.isAlive) commands = new CommandProcess();
    running = commands;
    try {
      return await running.run({ args, cwd, env: environment(cwd, env) });
    } finally {
      running = undefined;
    }
  });
  last = ended.catch(() => {});
  return ended;
}

/** Waits until `condition` holds. @throws when it does not within two minutes. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 120_000;
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
