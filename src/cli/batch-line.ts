/** @file The progress of all jobs of a batch in one line. */

import type { BatchProgress } from "../jobs/watch.ts";
import { ProgressLine, short, TimeLeft } from "./output.ts";

/** Steps of all jobs: those that have not said so take as many as the others on average. */
function allSteps({ total, counted, totalSteps }: BatchProgress): number {
  return counted === 0 ? 0 : Math.round((totalSteps * total) / counted);
}

/** The line: `3 of 6 jobs finished  2 running  1 waiting  1200 of about 2400 steps`. */
export function batchText(progress: BatchProgress): string {
  const { total, finished, failed, running, waiting, steps } = progress;
  const totalSteps = allSteps(progress);
  const about = progress.counted < total ? "about " : "";
  return [
    `${finished} of ${total} jobs finished`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(totalSteps > 0 ? [`${short(steps)} of ${about}${short(totalSteps)} steps`] : []),
  ].join("  ");
}

/** Shows how far all jobs are. */
export class BatchLine {
  readonly #line: ProgressLine;
  readonly #left: TimeLeft;
  #last = "";

  constructor(stream: NodeJS.WriteStream, clock: () => number) {
    this.#line = new ProgressLine(stream, clock);
    this.#left = new TimeLeft(clock);
  }

  /** Redraws the line; where the output is piped, a new one appears when something has changed. */
  show(progress: BatchProgress): void {
    const text = batchText(progress);
    if (text === this.#last) return;
    this.#last = text;
    const { steps } = progress;
    const all = allSteps(progress);
    const left = steps > 0 && steps < all ? this.#left.update(steps, all) : "";
    this.#line.update(() => `${text}${left}`);
  }

  clear(): void {
    this.#line.clear();
  }
}
