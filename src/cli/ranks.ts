/**
 * @file `concord run --ranks`: which rank this process is, and the other ranks where they are to
 *   run on this machine.
 */

import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, networkInterfaces } from "node:os";
import { LostRankError } from "../backend/ranks/exchange.ts";
import { connectGloo, rankAddress } from "../backend/ranks/gloo-exchange.ts";
import type { PlannedRun } from "../config/load-config.ts";
import { ConcordError, ConfigError } from "../errors.ts";
import { joinRun } from "../experiments/ranks/join-run.ts";
import type { RankContext } from "../experiments/ranks/ranks.ts";
import type { RunContext } from "../experiments/run-context.ts";
import { timing } from "./environment.ts";
import { say } from "./print.ts";
import { processEnvironment, variable } from "./variables.ts";

/** As the command line has them. */
export interface RankOptions {
  readonly ranks?: number;
  readonly rank?: number;
  readonly interface?: string;
  readonly timeout?: number;
}

/** Seconds until a machine that does not answer counts as lost. */
const TIMEOUT_S = 600;

/** Where ranks of one machine reach each other. */
const LOCAL = "127.0.0.1";

/** Characters that are kept of what another rank of this machine says. */
const MOST_SAID = 4096;

/** Which ranks there are, and which one this process is. */
export interface ChosenRank {
  readonly size: number;
  readonly rank: number;
  /** Whether this process starts the others, on this machine. */
  readonly startsOthers: boolean;
}

/**
 * The rank of this process; undefined where it trains alone.
 *
 * @throws {ConfigError} when the options do not fit each other, or Slurm started another number of
 *   tasks.
 */
export function chosenRank(options: RankOptions): ChosenRank | undefined {
  const { ranks, rank } = options;
  if (ranks === undefined) {
    const lone = (["rank", "interface", "timeout"] as const).find(
      (key) => options[key] !== undefined,
    );
    if (lone) throw new ConfigError(`Expected --ranks beside --${lone}.`);
    return undefined;
  }
  if (rank !== undefined && rank >= ranks)
    throw new ConfigError(`Expected --rank from 0 to ${ranks - 1} but received ${rank}.`);
  if (ranks === 1) return undefined;
  if (rank !== undefined) return { size: ranks, rank, startsOthers: false };
  const [tasks, task] = [variable("SLURM_NTASKS"), variable("SLURM_PROCID")];
  if (task === undefined || tasks === undefined || tasks === "1")
    return { size: ranks, rank: 0, startsOthers: true };
  if (Number(tasks) !== ranks)
    throw new ConfigError(
      `Expected ${tasks} for --ranks, the tasks of Slurm, but received ${ranks}.`,
      {
        hint: `Start them with srun --ntasks=${ranks}, or give --ranks ${tasks}.`,
      },
    );
  return { size: ranks, rank: Number(task), startsOthers: false };
}

/** Threads of each of some ranks on this machine. */
export function threadsPerRank({ size }: ChosenRank): number {
  return Math.max(1, Math.floor(availableParallelism() / size));
}

/** The other ranks of this machine. */
export class StartedRanks {
  readonly #children: readonly ChildProcess[];
  readonly #said: string[];

  /** Starts them with the command line of this process. */
  constructor({ size }: ChosenRank, threads: number) {
    const [, program, ...args] = process.argv;
    this.#said = Array.from({ length: size - 1 }, () => "");
    this.#children = this.#said.map((_, i) => {
      const child = fork(program!, [...args, "--rank", String(i + 1), "--interface", LOCAL], {
        env: { ...processEnvironment(), CONCORD_THREADS: String(threads) },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      child.stderr!.setEncoding("utf8").on("data", (text: string) => {
        this.#said[i] = (this.#said[i]! + text).slice(-MOST_SAID);
      });
      return child;
    });
  }

  /** @throws {ConcordError} "backend/failed" with the message of a rank that has ended. */
  requireAll(): void {
    const ended = this.#children.findIndex(({ exitCode, signalCode }) => exitCode ?? signalCode);
    if (ended < 0) return;
    const why = this.#said[ended]!.split("\n").find((line) => line.startsWith("error: "));
    throw new ConcordError(
      "backend/failed",
      `Rank ${ended + 1} ended early: ${why?.slice("error: ".length) ?? "it said nothing."}`,
    );
  }

  /** Ends those that still run. What a rank that was lost has said before goes to the terminal. */
  end(error?: unknown): void {
    for (const child of this.#children) if (child.exitCode === null) child.kill("SIGKILL");
    const lost = error instanceof LostRankError ? error.ranks : [];
    for (const rank of lost) say(this.#said[rank - 1] ?? "");
  }
}

/**
 * How the rank reaches the others.
 *
 * @param started Those that this process has started.
 * @throws {ConcordError} "argument/invalid" when the network interface has to be chosen.
 */
export function rankContext(
  { rank, size, startsOthers }: ChosenRank,
  options: RankOptions,
  started?: StartedRanks,
): RankContext {
  const timeoutMs = (options.timeout ?? TIMEOUT_S) * 1000;
  const address = rankAddress(networkInterfaces(), startsOthers ? LOCAL : options.interface);
  return {
    rank,
    size,
    timeoutMs,
    async sleep(ms) {
      await timing().sleep(ms);
      started?.requireAll();
    },
    connect: (folder) => connectGloo({ rank, size, folder, address, timeoutMs }),
  };
}

/**
 * Takes the part of a rank that writes nothing. One that was started by rank 0 ends with it, and
 * leaves to it what all of them would say.
 */
export async function joinAsRank(
  planned: PlannedRun,
  context: RunContext & { readonly ranks: RankContext },
): Promise<void> {
  const { rank, size } = context.ranks;
  const { channel } = process;
  if (channel) {
    process.on("disconnect", () => process.exit(1));
    // The channel alone keeps no process running.
    channel.unref();
  }
  const { toStep } = await joinRun(planned, context);
  const done = toStep === undefined ? "nothing is left to train" : `trained to step ${toStep}`;
  say(`rank ${rank} of ${size}: ${done}; rank 0 evaluates and writes.\n`);
}
