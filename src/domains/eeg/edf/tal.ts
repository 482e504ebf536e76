/**
 * @file Time-stamped annotation lists (TALs), the text that an EDF+ annotations signal carries in
 *   place of samples (EDF+ specification §2.2):
 *
 *   Onset [0x15 Duration] 0x14 Text 0x14 Text 0x14 … 0x00
 *
 * The first TAL of a record has an empty first text: its onset is the time at which the record
 * starts.
 */

/** One TAL as written: times in seconds from the header's start time. */
export interface Tal {
  readonly onset: number;
  readonly duration: number | undefined;
  /** Without the empty ones, save that a time-keeping TAL is recognised by `timekeeping`. */
  readonly texts: readonly string[];
  /** True when the first text is empty. */
  readonly timekeeping: boolean;
}

/** Something wrong in an annotations signal, `at` bytes from its start. */
export interface TalProblem {
  readonly at: number;
  readonly message: string;
}

const ONSET = /^[+-]\d+(\.\d*)?$/;
const DURATION = /^\d+(\.\d*)?$/;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin1 = new TextDecoder("latin1");

/**
 * Parses the annotations signal of one record.
 *
 * Malformed lists are reported and skipped; the rest is still read. Texts are UTF-8; bytes that are
 * not are taken as Latin-1 and reported.
 *
 * @param bytes  The signal's bytes in this record.
 * @param repair When true, a text that looks like an onset, after the first text, starts a new TAL.
 *   Some recorders leave out the NUL between two lists. The specification's reading, the default,
 *   keeps it as a text.
 */
export function parseTals(
  bytes: Uint8Array,
  repair = false,
): { tals: Tal[]; problems: TalProblem[] } {
  const tals: Tal[] = [];
  const problems: TalProblem[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    let end = bytes.indexOf(0, at);
    if (end < 0) {
      problems.push({ at, message: "the last annotation list has no closing NUL." });
      end = bytes.length;
    }
    parseList(bytes.subarray(at, end), at, repair, tals, problems);
    at = end + 1;
  }
  return { tals, problems };
}

function parseList(
  list: Uint8Array,
  at: number,
  repair: boolean,
  tals: Tal[],
  problems: TalProblem[],
): void {
  let text: string;
  try {
    text = utf8.decode(list);
  } catch {
    problems.push({ at, message: "annotation text is not UTF-8; read as Latin-1." });
    text = latin1.decode(list);
  }
  const closed = text.endsWith("\x14");
  if (!closed) problems.push({ at, message: "an annotation list does not end with byte 20." });
  const parts = (closed ? text.slice(0, -1) : text).split("\x14");
  const [onset, duration] = parseStamp(parts[0]!);
  if (onset === undefined) {
    const shown = JSON.stringify(parts[0]!.slice(0, 40));
    problems.push({ at, message: `expected an annotation onset such as +1.5 but found ${shown}.` });
    return;
  }
  let current: { onset: number; duration: number | undefined; texts: string[] } = {
    onset,
    duration,
    texts: [],
  };
  const lists = [current];
  for (const [i, part] of parts.slice(1).entries()) {
    const [nextOnset, nextDuration] = i === 0 ? [undefined, undefined] : parseStamp(part);
    if (nextOnset !== undefined) {
      const message = `the text "${part}" looks like an onset: a NUL may be missing before it.`;
      problems.push({ at, message });
      if (repair) {
        current = { onset: nextOnset, duration: nextDuration, texts: [] };
        lists.push(current);
        continue;
      }
    }
    current.texts.push(part);
  }
  for (const [i, { texts, ...stamp }] of lists.entries()) {
    tals.push({
      ...stamp,
      texts: texts.filter((t) => t !== ""),
      timekeeping: i === 0 && texts[0] === "",
    });
  }
}

function parseStamp(stamp: string): [number | undefined, number | undefined] {
  const [onsetText, durationText, ...more] = stamp.split("\x15");
  if (!ONSET.test(onsetText!) || more.length > 0) return [undefined, undefined];
  const onset = Number(onsetText);
  if (!Number.isFinite(onset)) return [undefined, undefined];
  // An empty duration is written by some recorders; it means none.
  if (durationText === undefined || durationText === "") return [onset, undefined];
  if (!DURATION.test(durationText)) return [undefined, undefined];
  const duration = Number(durationText);
  return Number.isFinite(duration) ? [onset, duration] : [undefined, undefined];
}

/** Seconds with at most nine decimals and no exponent, as TALs write them. */
export function formatSeconds(seconds: number): string {
  const text = seconds.toFixed(9).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

/** The bytes of one TAL. Texts may not contain bytes 0, 20 or 21; the caller has checked. */
export function encodeTal(
  onset: number,
  duration: number | undefined,
  texts: readonly string[],
): Uint8Array {
  const stamp = formatSeconds(onset);
  const signed = stamp.startsWith("-") ? stamp : `+${stamp}`;
  const length = duration === undefined ? "" : `\x15${formatSeconds(duration)}`;
  return new TextEncoder().encode(`${signed}${length}\x14${texts.join("\x14")}\x14\0`);
}
