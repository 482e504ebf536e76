/** @file The progress of all jobs of a batch in one line. */

import type { BatchProgress } from "../jobs/watch.ts";
import { ProgressLine, short, TimeLeft } from "./output.ts";

/** The line: `3 of 6 runs finished  2 running  1 waiting  1.20k of 2.40k steps`. */
export function batchText(progress: BatchProgress): string {
  const { total, finished, failed, running, waiting, steps, totalSteps } = progress;
  return [
    `${finished} of ${total} jobs finished`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(totalSteps > 0 ? [`${short(steps)} of ${short(totalSteps)} steps`] : []),
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
    const { finished, failed, total } = progress;
    const left = this.#left.update(finished + failed, total);
    this.#line.update(() => `${text}${left}`);
  }

  clear(): void {
    this.#line.clear();
  }
}
