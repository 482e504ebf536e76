/**
 * @file When the records of a file were recorded. It is kept as a few contiguous stretches instead
 *   of one time per record, so that a day of short records costs no memory.
 */

/**
 * Records that follow each other without interruption. Times in seconds from the file's first
 * sample.
 */
export interface EdfSegment {
  readonly firstRecord: number;
  readonly records: number;
  readonly start: number;
  readonly end: number;
}

/** A time in which nothing was recorded: seconds from the file's first sample. */
export interface EdfGap {
  readonly start: number;
  readonly end: number;
  /** The first record after the gap. */
  readonly record: number;
}

/** More stretches than this in one file are taken for damage; see {@link TimelineBuilder.add}. */
export const MAX_SEGMENTS = 1_000_000;

/** Builds the stretches from the records' onsets, given in order. */
export class TimelineBuilder {
  readonly #duration: number;
  readonly #tolerance: number;
  readonly #segments: { firstRecord: number; records: number; start: number; end: number }[] = [];

  /**
   * @param recordDuration Seconds.
   * @param tolerance      Seconds by which a record may start early or late without counting as an
   *   interruption.
   */
  constructor(recordDuration: number, tolerance: number) {
    this.#duration = recordDuration;
    this.#tolerance = tolerance;
  }

  /**
   * Adds the next record.
   *
   * @param onset Seconds; undefined when the record does not say, and then it follows the one
   *   before.
   * @returns "overlap" when the record starts before the one before it ends, "gap" when after, else
   *   undefined.
   */
  add(onset: number | undefined): "gap" | "overlap" | undefined {
    const last = this.#segments.at(-1);
    const record = last === undefined ? 0 : last.firstRecord + last.records;
    const due = last === undefined ? 0 : last.end;
    const start = onset ?? due;
    const late = start - due;
    // Compared with the record before, not with the stretch's start. Otherwise a record duration
    // rounded to eight characters (0.996094 for 255/256) would drift into a false gap after a few
    // thousand records.
    if (last !== undefined && Math.abs(late) <= this.#tolerance) {
      last.records++;
      last.end = start + this.#duration;
      return undefined;
    }
    const segment = { firstRecord: record, records: 1, start, end: start + this.#duration };
    this.#segments.push(segment);
    return last === undefined ? undefined : late > 0 ? "gap" : "overlap";
  }

  get segments(): readonly EdfSegment[] {
    return this.#segments;
  }
}

/** The gaps between stretches; overlaps are not gaps. */
export function gapsOf(segments: readonly EdfSegment[]): EdfGap[] {
  const gaps: EdfGap[] = [];
  for (let i = 1; i < segments.length; i++) {
    const start = segments[i - 1]!.end;
    const end = segments[i]!.start;
    if (end > start) gaps.push({ start, end, record: segments[i]!.firstRecord });
  }
  return gaps;
}

/**
 * When a sample was recorded, in seconds from the file's first sample.
 *
 * @param segments         From the file, ordered.
 * @param samplesPerRecord Of the sample's signal.
 * @param sample           Index in stored order.
 */
export function sampleTime(
  segments: readonly EdfSegment[],
  samplesPerRecord: number,
  sample: number,
): number {
  const record = sample / samplesPerRecord;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.firstRecord <= record) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (segment === undefined) return 0;
  const duration = (segment.end - segment.start) / segment.records;
  return segment.start + (record - segment.firstRecord) * duration;
}
