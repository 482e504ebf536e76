/**
 * @file A run that is watched: looks at its folder again and again, and says what is new. It reads
 *   files alone, so it survives the process that trains, and says when that died.
 */

import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { isObject } from "../../base/json.ts";
import { percentile } from "../../base/statistics/percentile.ts";
import { FormatError, messageOf } from "../../errors.ts";
import { JsonlFollower } from "../../formats/jsonl-follow.ts";
import { pwMccOfLine } from "../../runs/logged-agreement.ts";
import { type IsAlive, type RunState, readConfig, stateOf } from "../../runs/overview.ts";
import type { RunRecord } from "../../runs/run-record.ts";
import { finite } from "../answers/numbers.ts";
import { unitOf } from "../answers/run-answer.ts";
import type { LiveMetrics, LiveStatus, LiveWarning } from "../api/live.ts";
import type { ServedRun } from "../served-folder.ts";

/** What a look at the folder found. */
export interface LiveNews {
  /** Undefined when nothing of it changed. */
  readonly status: LiveStatus | undefined;
  readonly metrics: readonly LiveMetrics[];
  readonly warnings: readonly LiveWarning[];
  /** True when more lines wait to be read. */
  readonly hasMore: boolean;
}

/** Logged steps that the rate is of before enough was seen. */
const RECENT = 20;

/** The rate is what was seen within so many milliseconds, when they are at least so many. */
const SEEN_MS = { most: 60_000, fewest: 2000 } as const;

/** Where the lines of so many steps are, at the end of timings.jsonl. */
const TAIL_BYTES = 2 ** 16;

/** Where the last line of metrics.jsonl is, for whoever asks for no earlier ones. */
const LAST_BYTES = 2 ** 20;

/** Events that are remembered. */
const MOST_EVENTS = 1000;

/** Follows one run from some step on. */
export class RunFollower {
  readonly #run: ServedRun;
  readonly #isAlive: IsAlive;
  readonly #followers: Readonly<Record<"metrics" | "events" | "timings", JsonlFollower>>;
  readonly #clock: () => number;
  /** Of the recent steps that were logged. */
  #milliseconds: number[] = [];
  /** The last step of the log, and when it was seen there. */
  #seen: { readonly at: number; readonly step: number }[] = [];
  #batch: number | undefined;
  /** The last step that was told. */
  #told: number;
  /** The last step of the log. */
  #logged = 0;
  /** Whether only the last line of what is there already is news. */
  #isBrief: boolean;
  readonly #events = new Set<string>();
  #status = "";
  #state: RunState | undefined;

  /**
   * @param clock Milliseconds since any fixed moment.
   * @param after Tell lines of later steps only; undefined: the last line, and what follows.
   */
  constructor(run: ServedRun, isAlive: IsAlive, clock: () => number, after: number | undefined) {
    this.#run = run;
    this.#clock = clock;
    this.#isAlive = isAlive;
    this.#told = after ?? -1;
    this.#isBrief = after === undefined;
    const { folder } = run;
    const tail = after === undefined ? LAST_BYTES : undefined;
    this.#followers = {
      metrics: new JsonlFollower(folder.file("metrics.jsonl"), tail),
      events: new JsonlFollower(folder.file("events.jsonl"), tail),
      timings: new JsonlFollower(folder.file("timings.jsonl"), TAIL_BYTES),
    };
  }

  /** What the run was doing at the last look. */
  get state(): RunState | undefined {
    return this.#state;
  }

  /**
   * Looks again. A damaged line of a log is told as a warning, once, and passed over.
   *
   * @throws {ConcordError} `file/missing` when the run is gone, {FormatError} when run.json is
   *   damaged.
   */
  async look(): Promise<LiveNews> {
    const { folder } = this.#run;
    // Before the logs: where it says that the run has finished, all lines are there.
    let record = await folder.readRecord();
    this.#batch ??= await batchOf(this.#run);
    const damage: LiveWarning[] = [];
    const lines = (await this.#next("metrics", damage)).map(metricsOf);
    const events = (await this.#next("events", damage)).filter((line) => this.#isNew(line));
    for (const { total } of await this.#next("timings", damage))
      if (typeof total === "number") this.#milliseconds.push(total);
    this.#milliseconds = this.#milliseconds.slice(-RECENT);
    let state = await stateOf(folder, record, this.#isAlive);
    if (state === "killed") {
      // Or it ended well since its record was read.
      record = await folder.readRecord();
      state = await stateOf(folder, record, this.#isAlive);
    }
    this.#state = state;
    const fresh = lines.filter(({ step }) => step > this.#told);
    const isBrief = this.#isBrief;
    this.#isBrief = false;
    this.#logged = lines.at(-1)?.step ?? this.#logged;
    this.#see(state, lines.length > 0);
    this.#told = fresh.at(-1)?.step ?? this.#told;
    const status = this.#statusOf(record, state);
    const text = JSON.stringify({ ...status, memory_bytes: null });
    const isSame = text === this.#status;
    this.#status = text;
    return {
      status: isSame ? undefined : status,
      metrics: isBrief ? fresh.slice(-1) : fresh,
      warnings: isBrief ? damage : [...events, ...damage],
      hasMore: lines.length > 0,
    };
  }

  async #next(
    log: "metrics" | "events" | "timings",
    damage: LiveWarning[],
  ): Promise<LiveWarning[]> {
    try {
      return (await this.#followers[log].next()).filter(isStepped);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      damage.push({
        step: Math.max(0, this.#told),
        kind: "damaged_log",
        message: messageOf(error),
      });
      return [];
    }
  }

  /** Whether an event is told for the first time: a run that goes on writes some again. */
  #isNew(line: LiveWarning): boolean {
    const text = JSON.stringify(line);
    if (this.#events.has(text)) return false;
    if (this.#events.size >= MOST_EVENTS) this.#events.clear();
    this.#events.add(text);
    return true;
  }

  #see(state: RunState, isNew: boolean): void {
    if (state !== "running") this.#seen = [];
    else if (isNew) {
      const at = this.#clock();
      this.#seen = this.#seen.filter((one) => at - one.at <= SEEN_MS.most);
      this.#seen.push({ at, step: this.#logged });
    }
  }

  /** Milliseconds of a step: as seen, which counts all that is done between two steps. */
  #pace(): number | undefined {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first && last && last.at - first.at >= SEEN_MS.fewest && last.step > first.step)
      return (last.at - first.at) / (last.step - first.step);
    return percentile(this.#milliseconds, 0.5);
  }

  #statusOf(record: RunRecord, state: RunState): LiveStatus {
    const last = record.attempts.at(-1);
    const ended = last?.endedAt === undefined ? undefined : last.toStep;
    const steps = ended ?? Math.max(last?.toStep ?? 0, this.#logged);
    const isRunning = state === "running";
    const pace = this.#pace();
    const left = record.totalSteps === undefined ? undefined : record.totalSteps - steps;
    return {
      status: state,
      steps,
      total_steps: record.totalSteps ?? null,
      unit: unitOf(record.provenance?.["kind"]),
      per_second: isRunning && pace && this.#batch ? finite((1000 * this.#batch) / pace) : null,
      eta_seconds: isRunning && pace && left !== undefined ? finite((left * pace) / 1000) : null,
      memory_bytes: isRunning && last?.host === hostname() ? residentMemory(last.pid) : null,
      pid: last?.pid ?? null,
      host: last?.host ?? null,
      message: howItGoes(record, state, steps),
    };
  }
}

/** Activations in a step, when the config says; it is written before the first step. */
async function batchOf({ folder }: ServedRun): Promise<number | undefined> {
  const config = await readConfig(folder).catch(() => undefined);
  const training = config?.["training"];
  const batch = isObject(training) ? training["batch"] : undefined;
  return typeof batch === "number" ? batch : undefined;
}

function isStepped(line: unknown): line is LiveWarning {
  return isObject(line) && typeof line["step"] === "number";
}

function metricsOf(line: LiveWarning): LiveMetrics {
  const members = isObject(line["members"]) ? line["members"] : {};
  const number = (value: unknown) => (typeof value === "number" ? finite(value) : null);
  return {
    step: line.step,
    activations: number(line["activations"]),
    members: Object.fromEntries(
      Object.entries(members).map(([name, columns]) => [
        name,
        Object.fromEntries(
          Object.entries(isObject(columns) ? columns : {}).map(([key, v]) => [key, number(v)]),
        ),
      ]),
    ),
    coupling_loss: number(line["coupling_loss"]),
    pw_mcc: pwMccOfLine(line).map((one) => ({ ...one, null: finite(one.null) })),
  };
}

/** What a person should know of how it goes; null while all is well. */
function howItGoes({ attempts }: RunRecord, state: RunState, steps: number): string | null {
  const last = attempts.at(-1);
  const resume = "Go on with it: concord run <config.yaml> --resume.";
  if (state === "killed")
    return `The process that trained it (${last?.pid} on ${last?.host}) died after step ${steps}. What was logged until then is shown. ${resume}`;
  if (state === "interrupted") return `It was interrupted after step ${steps}. ${resume}`;
  if (state === "failed")
    return `It failed after step ${steps}: ${last?.error ?? "no reason was kept"}`;
  return null;
}

/** Bytes that a process of this machine has in memory; null where the system does not say. */
function residentMemory(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? null : 1024 * Number(kibibytes);
  } catch {
    return null;
  }
}
