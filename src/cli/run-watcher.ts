/**
 * @file The progress of a run on the terminal: one line that is redrawn, or plain lines elsewhere.
 */

import { mean } from "../base/statistics/mean.ts";
import type { RunEvent } from "../experiments/run-context.ts";
import { escapeControls } from "../formats/show-name.ts";
import { duration, FEWEST_TIMED, ProgressLine, short, TimeLeft } from "./output.ts";

/** What of a logged line is shown. */
interface LoggedMember {
  readonly fvu?: number;
  readonly dead?: number;
}

export interface Progress {
  readonly taken: number;
  readonly totalSteps: number;
  /** Undefined before a step was timed. */
  readonly millisecondsPerStep: number | undefined;
  /** Whether enough steps were timed to show the time left. */
  readonly hasEta: boolean;
  readonly batch: number;
  /** `tokens`, or whatever one activation represents. */
  readonly unit: string;
  readonly members: readonly { readonly loss: number; readonly l0: number }[];
  /** Of the step that was logged last. */
  readonly logged: readonly LoggedMember[];
}

function meanOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter((v) => v !== undefined);
  return numbers.length === 0 ? undefined : mean(numbers);
}

/** The line: means over the members, the rate and the time left. */
export function progressText(progress: Progress): string {
  const { taken, totalSteps, millisecondsPerStep, hasEta, batch, unit, members, logged } = progress;
  const shown: [string, number | undefined][] = [
    ["loss", meanOfKnown(members.map((m) => m.loss))],
    ["FVU", meanOfKnown(logged.map((m) => m.fvu))],
    ["L0", meanOfKnown(members.map((m) => m.l0))],
    ["dead", meanOfKnown(logged.map((m) => m.dead))],
  ];
  return [
    `step ${taken}/${totalSteps}`,
    ...shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${short(value)}`])),
    ...(millisecondsPerStep === undefined
      ? []
      : [`${short((batch * 1000) / millisecondsPerStep)} ${unit}/s`]),
    ...(millisecondsPerStep === undefined || !hasEta
      ? []
      : [`ETA ${duration(((totalSteps - taken) * millisecondsPerStep) / 1000)}`]),
  ].join("  ");
}

/**
 * The rate and the time left use this many recent steps; older ones say little on a busy machine.
 */
const WINDOW = 200;

/**
 * Shows a run's events.
 *
 * @param unit   What an activation stands for: `tokens`.
 * @param stream Where to; the standard error.
 */
export function runWatcher(
  unit: string,
  stream: NodeJS.WriteStream,
  clock: () => number,
): (event: RunEvent) => void {
  const line = new ProgressLine(stream, clock);
  let times: number[] = [];
  let logged: readonly LoggedMember[] = [];
  /** When the first comparison was done, whose null costs more than the others. */
  let comparedSince: { readonly at: number; readonly done: number } | undefined;
  let looked: TimeLeft | undefined;
  const say = (text: string) => {
    line.clear();
    stream.write(`${escapeControls(text, "\n")}\n`);
  };
  return (event) => {
    if (event.kind === "opened") {
      times = [];
      logged = [];
      const from = event.fromStep > 0 ? `, going on from step ${event.fromStep}` : "";
      const changed = event.changed.length > 0 ? ` (${event.changed.join(", ")})` : "";
      say(`${event.folder}: ${event.totalSteps} steps${from}${changed}`);
    } else if (event.kind === "finished") say(`${event.folder}: finished already`);
    else if (event.kind === "logged")
      logged = Object.values(event.line["members"] as Record<string, LoggedMember>);
    else if (event.kind === "step") {
      const { step, totalSteps, batch } = event;
      // The first step warms up: time is taken from its end.
      times.push(clock());
      if (times.length > WINDOW + 1) times.shift();
      const timed = times.length - 1;
      const millisecondsPerStep = timed > 0 ? (times.at(-1)! - times[0]!) / timed : undefined;
      line.update(() =>
        progressText({
          taken: step.step + 1,
          totalSteps,
          batch,
          unit,
          logged,
          millisecondsPerStep,
          hasEta: timed >= FEWEST_TIMED,
          members: step.members,
        }),
      );
    } else if (event.kind === "warning") say(`warning: ${event.message}`);
    else if (event.kind === "notice") say(`source: ${event.message}`);
    else if (event.kind === "evaluating") {
      say("evaluating on held-out activations");
      comparedSince = undefined;
      looked = undefined;
    } else if (event.kind === "comparing") {
      const { done, total } = event;
      comparedSince ??= { at: clock(), done };
      const { at, done: from } = comparedSince;
      line.update(() => {
        const left = done > from ? ((clock() - at) / (done - from)) * (total - done) : undefined;
        const eta = left === undefined ? "" : `  ETA ${duration(left / 1000)}`;
        return `comparing dictionaries: ${done} of ${total} pairs${eta}`;
      });
      if (done === total) line.clear();
    } else if (event.kind === "looking") {
      const { done, total } = event;
      looked ??= new TimeLeft(clock);
      const left = looked.update(done, total);
      line.update(() => `looking at ${unit}: ${short(done)} of ${short(total)}${left}`);
      if (done === total) line.clear();
    }
  };
}
