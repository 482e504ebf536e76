/**
 * @file The ranks that train one population, as one of them sees the others. They compare what must
 *   be equal, and stop together.
 */

import { join } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { type Exchange, gatherAny, LostRankError } from "../../backend/ranks/exchange.ts";
import { leave, meet } from "../../backend/ranks/meet.ts";
import { sharedBackend } from "../../backend/ranks/shared-backend.ts";
import { type Config, fileOfConfig } from "../../config/schema.ts";
import { ConcordError } from "../../errors.ts";
import type { Population } from "../../population/population.ts";
import type { PopulationStep } from "../../population/train-population.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { RunContext } from "../run-context.ts";

/** Which rank a process is, and how it reaches the others. */
export interface RankContext {
  readonly rank: number;
  readonly size: number;
  /** How long others may take for a step, or to come at first; milliseconds. */
  readonly timeoutMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Connects to all ranks, by files in an empty folder that all see. */
  connect(folder: string): Promise<Exchange>;
}

/** Opening a source may mean collecting it first, on another rank. */
const OPENING_MS = 24 * 60 * 60 * 1000;

/** What to do where ranks differ, by what differs. */
const HINTS: Readonly<Record<string, string>> = {
  "version of Concord": "Install the same version on all machines.",
  "version of Node": "Install the same version on all machines.",
  "instruction set":
    "The last digits depend on it: set CONCORD_ISA to one that all machines have (concord doctor lists them).",
  config: "Start every rank with the same config, --set and --name.",
  data: "Every rank reads the same rows: give all machines the same files.",
  "number of steps taken": "Every rank reads the last checkpoint: share the runs folder.",
};

/** What must be the same on every rank before anything is opened. */
function ownFacts({ backend, versions }: RunContext, config: Config) {
  return {
    "version of Concord": versions["concord"] ?? "",
    "version of Node": versions["node"] ?? "",
    "instruction set": `${backend.name} ${backend.isa}`,
    config: JSON.stringify(fileOfConfig(config)),
  };
}

/** The folder in which the ranks of a run meet; it is empty but while they do. */
const meetingFolder = (folder: RunFolder) => folder.file("ranks");

/** The other ranks, from the first message to the last. */
export class Ranks {
  readonly rank: number;
  readonly size: number;
  readonly #exchange: Exchange;
  readonly #timeoutMs: number;
  #when = "before the first step";

  private constructor(exchange: Exchange, timeoutMs: number) {
    this.rank = exchange.rank;
    this.size = exchange.size;
    this.#timeoutMs = timeoutMs;
    this.#exchange = {
      rank: exchange.rank,
      size: exchange.size,
      close: () => exchange.close(),
      gather: async (...message) => {
        try {
          await exchange.gather(...message);
        } catch (error) {
          if (!(error instanceof LostRankError)) throw error;
          throw new LostRankError(error.ranks, error.reason, this.#when);
        }
      },
    };
  }

  /**
   * Waits for all ranks of a run, connects to them, and checks that they are of one kind.
   *
   * @param isFinished What rank 0 knows: that nothing is left to train.
   * @returns undefined when nothing is, or `context` names no ranks.
   * @throws {ConcordError} as `meet`, the context's `connect` and `agree` do.
   */
  static async open(
    context: RunContext,
    folder: RunFolder,
    config: Config,
    isFinished = false,
  ): Promise<Ranks | undefined> {
    if (!context.ranks) return undefined;
    const { timeoutMs, connect } = context.ranks;
    const attempt = await meet(meetingFolder(folder), { ...context, ...context.ranks });
    const ranks = new Ranks(await connect(join(attempt, "gloo")), timeoutMs);
    try {
      const [first] = await ranks.#gather({ isFinished }, timeoutMs);
      // All have heard from all, so nobody reads these files any more.
      if (ranks.rank === 0) await leave(meetingFolder(folder));
      if (!first!.isFinished) {
        await ranks.agree(ownFacts(context, config));
        return ranks;
      }
    } catch (error) {
      ranks.close();
      throw error;
    }
    ranks.close();
    return undefined;
  }

  /** The backend whose encoders all ranks share. */
  backend(own: Backend): Backend {
    return sharedBackend(own, this.#exchange, { timeoutMs: this.#timeoutMs });
  }

  /**
   * Checks that facts are the same on every rank; others may still be opening their source.
   *
   * @throws {ConcordError} "run/conflict" naming the first that is not, on every rank.
   */
  async agree(facts: Readonly<Record<string, string | number>>): Promise<void> {
    const all = await this.#gather(facts, OPENING_MS);
    for (const [rank, theirs] of all.entries())
      for (const [what, value] of Object.entries(all[0]!)) {
        if (theirs[what] === value) continue;
        const values = /^(config|data)$/.test(what) ? "" : `: ${theirs[what]}, not ${value}`;
        throw new ConcordError(
          "run/conflict",
          `Rank ${rank} has another ${what} than rank 0${values}.`,
          { hint: HINTS[what] ?? "Start all ranks alike." },
        );
      }
  }

  /** @throws {ConcordError} "argument/invalid" naming a member whose rows cannot be shared. */
  requireShared({ members }: Population): void {
    const alone = members.find(({ sae }) => sae.encodesRows !== true);
    if (!alone) return;
    throw new ConcordError(
      "argument/invalid",
      `--ranks shares the rows that the backend encodes, and ${alone.name} encodes on its own.`,
      { hint: "Train it on one machine, or a population on several: members need no ranks." },
    );
  }

  /**
   * Ends a step on every rank.
   *
   * @param wantsToStop Whether this rank was interrupted.
   * @returns Whether any rank was.
   * @throws {ConcordError} "backend/failed" when the ranks did not compute the same losses.
   */
  async endStep({ step, members }: PopulationStep, wantsToStop: boolean): Promise<boolean> {
    const mine = Float64Array.of(step, Number(wantsToStop), ...members.map(({ loss }) => loss));
    const all = new Float64Array(this.size * mine.length);
    const lengths = Array.from({ length: this.size }, () => mine.byteLength);
    this.#when = `in step ${step + 1}`;
    const [from, to] = [new Uint8Array(mine.buffer), new Uint8Array(all.buffer)];
    await this.#exchange.gather(from, to, lengths, this.#timeoutMs);
    let stops = false;
    for (let rank = 0; rank < this.size; rank++) {
      const [theirStep, stop, ...losses] = all.subarray(rank * mine.length);
      stops ||= stop === 1;
      if (theirStep === all[0] && members.every((_, i) => losses[i] === all[2 + i])) continue;
      throw new ConcordError(
        "backend/failed",
        `Rank ${rank} computed something else than rank 0 in step ${step + 1}.`,
        {
          hint: "Their machines or files differ. Train without one of the two; --resume goes on from the last checkpoint.",
        },
      );
    }
    this.#when = `in step ${step + 2}`;
    return stops;
  }

  /** What every rank says, by rank. */
  async #gather<T>(mine: T, timeoutMs: number): Promise<T[]> {
    const text = new TextEncoder().encode(JSON.stringify(mine));
    const all = await gatherAny(this.#exchange, text, timeoutMs);
    return all.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
  }

  close(): void {
    this.#exchange.close();
  }
}
