/**
 * @file What a report keeps of a run's logs: enough for its figures and tables, however long the
 *   logs are.
 */

import { GrowingCurve, type KeptCurve } from "../figures/growing-curve.ts";
import { pwMccOfLine } from "../runs/logged-agreement.ts";
import type { LogLine } from "../runs/run-log.ts";
import { type Setting, settingId } from "../runs/settings.ts";

/** Lines of a log, read one after the other or all there. */
export type Lines = Iterable<LogLine> | AsyncIterable<LogLine>;

/** What is drawn of a member. */
export interface MemberCurves {
  readonly fvu: KeptCurve;
  readonly loss: KeptCurve;
  /** Of known features, at the steps that measured it. */
  readonly gtMcc: BesideItsNull;
}

/** A similarity over steps, and its null. */
export interface BesideItsNull {
  readonly value: KeptCurve;
  readonly null: KeptCurve;
}

/** Of metrics.jsonl. */
export interface LoggedMetrics {
  readonly lines: number;
  /** 0 without a line. */
  readonly lastStep: number;
  /** By member, in the order of the log. */
  readonly members: ReadonlyMap<string, MemberCurves>;
  readonly couplingLoss: KeptCurve;
  /** PW-MCC by setting, at the steps that measured it. */
  readonly pwMcc: readonly (BesideItsNull & { readonly setting: Setting })[];
}

/** What a step's time is spent on, and the whole of it. */
export const STEP_PARTS = ["members", "coupling", "source", "total"] as const;
export type StepPart = (typeof STEP_PARTS)[number];

/** Times of a part. */
export interface LoggedTimes {
  readonly sum: number;
  /** All of them, or every 2^k-th where there are very many. */
  readonly values: readonly number[];
}

/** More times than this are not needed for a median. */
const MOST_TIMES = 2 ** 16;

class TimeKeeper implements LoggedTimes {
  sum = 0;
  values: number[] = [];
  #stride = 1;
  #count = 0;

  add(time: number): void {
    this.sum += time;
    if (this.#count++ % this.#stride !== 0) return;
    this.values.push(time);
    if (this.values.length <= MOST_TIMES) return;
    this.values = this.values.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}

/** Of timings.jsonl, in milliseconds. */
export interface LoggedTimings {
  readonly times: Readonly<Record<StepPart, LoggedTimes>>;
  /** Lines that `times` are of. */
  readonly lines: number;
  /** Whether first steps of processes, which warm up, are left out of `times`. */
  readonly steady: boolean;
  readonly curves: Readonly<Record<StepPart, KeptCurve>>;
}

/** Of events.jsonl. */
export interface LoggedEvents {
  readonly count: number;
  readonly first: readonly LogLine[];
}

/** Events that a report lists. */
export const MOST_EVENTS = 200;

function add(curve: GrowingCurve, line: number, x: number, y: unknown): void {
  if (typeof y === "number") curve.add(line, { x, y });
}

/** A similarity and its null, both growing. */
class GrowingPair {
  readonly #value = new GrowingCurve();
  readonly #null = new GrowingCurve();

  add(line: number, x: number, value: unknown, nothing: unknown): void {
    add(this.#value, line, x, value);
    add(this.#null, line, x, nothing);
  }

  get curves(): BesideItsNull {
    return { value: this.#value.curve, null: this.#null.curve };
  }
}

/** PW-MCC by setting, from the lines of a log. */
export class PwMccLog {
  readonly #bySetting = new Map<string, { setting: Setting; pair: GrowingPair }>();

  add(number: number, line: LogLine): void {
    for (const { setting, mean, null: nothing } of pwMccOfLine(line)) {
      const id = settingId(setting);
      const own = this.#bySetting.get(id) ?? { setting, pair: new GrowingPair() };
      this.#bySetting.set(id, own);
      own.pair.add(number, line.step, mean, nothing);
    }
  }

  get curves(): LoggedMetrics["pwMcc"] {
    return [...this.#bySetting.values()].map(({ setting, pair: { curves } }) => ({
      setting,
      value: curves.value,
      null: curves.null,
    }));
  }
}

/** Reads metrics.jsonl. */
export async function loggedMetrics(lines: Lines): Promise<LoggedMetrics> {
  const members = new Map<string, { fvu: GrowingCurve; loss: GrowingCurve; gtMcc: GrowingPair }>();
  const coupling = new GrowingCurve();
  const pwMcc = new PwMccLog();
  let [count, lastStep] = [0, 0];
  for await (const line of lines) {
    const { step } = line;
    const logged = (line["members"] ?? {}) as Record<string, Record<string, unknown>>;
    for (const [name, numbers] of Object.entries(logged)) {
      if (!members.has(name)) {
        const [fvu, loss] = [new GrowingCurve(), new GrowingCurve()];
        members.set(name, { fvu, loss, gtMcc: new GrowingPair() });
      }
      const curves = members.get(name)!;
      add(curves.fvu, count, step, numbers["fvu"]);
      add(curves.loss, count, step, numbers["loss"]);
      curves.gtMcc.add(count, step, numbers["gt_mcc"], numbers["gt_mcc_null"]);
    }
    pwMcc.add(count, line);
    add(coupling, count, step, line["coupling_loss"]);
    count++;
    lastStep = step;
  }
  return {
    lines: count,
    lastStep,
    couplingLoss: coupling.curve,
    pwMcc: pwMcc.curves,
    members: new Map(
      [...members].map(([name, { fvu, loss, gtMcc }]) => [
        name,
        { fvu: fvu.curve, loss: loss.curve, gtMcc: gtMcc.curves },
      ]),
    ),
  };
}

/**
 * Reads timings.jsonl.
 *
 * @param starts Steps that are the first of a process.
 */
export async function loggedTimings(
  lines: Lines,
  starts: ReadonlySet<number>,
): Promise<LoggedTimings> {
  const curves = byPart(() => new GrowingCurve());
  const [steady, starting] = [byPart(() => new TimeKeeper()), byPart(() => new TimeKeeper())];
  const counts = { steady: 0, starting: 0 };
  let number = 0;
  for await (const line of lines) {
    const isStart = starts.has(line.step);
    counts[isStart ? "starting" : "steady"]++;
    for (const part of STEP_PARTS) {
      const time = line[part];
      if (typeof time === "number") (isStart ? starting : steady)[part].add(time);
      add(curves[part], number, line.step, time);
    }
    number++;
  }
  const isSteady = counts.steady > 0;
  return {
    lines: isSteady ? counts.steady : counts.starting,
    steady: isSteady,
    times: isSteady ? steady : starting,
    curves: byPart((part) => curves[part].curve),
  };
}

function byPart<T>(of: (part: StepPart) => T): Record<StepPart, T> {
  return Object.fromEntries(STEP_PARTS.map((part) => [part, of(part)])) as Record<StepPart, T>;
}

/** Reads events.jsonl. */
export async function loggedEvents(lines: Lines): Promise<LoggedEvents> {
  const first: LogLine[] = [];
  let count = 0;
  for await (const line of lines) if (count++ < MOST_EVENTS) first.push(line);
  return { count, first };
}
