/** @file Random numbers by position; see native/include/concord/random.hpp. */

/** Arguments of `fillRandom`: a stream of random numbers, and the range to write. */
export interface FillRandom {
  /** The key of a RandomStream. */
  readonly k0: number;
  readonly k1: number;
  /** Position of out[0] in the stream. */
  readonly start: number;
  readonly out: Float32Array;
  /** Standard normal numbers instead of uniform ones in [0, 1). */
  readonly normal: boolean;
  /** Multiplies every number. Default 1. */
  readonly scale?: number;
}

/** Arguments of `shuffle`: numbers, and the random stream that orders them. */
export interface Shuffle {
  /** The key of a RandomStream. */
  readonly k0: number;
  readonly k1: number;
  /** Shuffled in place. */
  readonly order: Int32Array;
}

/** Random numbers. */
export interface RandomKernels {
  /** Random numbers by position; see src/base/philox.ts. */
  fillRandom(args: FillRandom): Promise<void>;
  /**
   * Fisher–Yates shuffle. The numbers 0 … n − 1 become `permutation` of the stream; see
   * src/base/philox.ts.
   */
  shuffle(args: Shuffle): Promise<void>;
}
