/** @file What is known of the things that rows are made from, as answers to yes-or-no questions. */

/** Answers that probes look for in activations. */
export interface RowLabels {
  readonly tasks: readonly {
    readonly name: string;
    /** What the answer depends on, by which results are split: `invariant`, `pose`. */
    readonly class: string;
  }[];
  /** Number of rows, or of pictures that several rows are of. */
  readonly things: number;
  /** 1 for yes and 0 for no, [things, tasks]. */
  readonly values: Uint8Array;
}
