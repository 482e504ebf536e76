/** @file Pictures that lie next to each other, to be read or drawn in one call. */

/** `n` pictures from `first` on, which are at `at` of those that are asked for. */
export interface PictureRun {
  readonly first: number;
  readonly n: number;
  readonly at: number;
}

/** Runs of consecutive numbers. */
export function* pictureRuns(pictures: ArrayLike<number>): Generator<PictureRun> {
  for (let at = 0; at < pictures.length; ) {
    const first = pictures[at]!;
    let n = 1;
    while (at + n < pictures.length && pictures[at + n] === first + n) n++;
    yield { first, n, at };
    at += n;
  }
}
