/**
 * @file What benches share: repeats, medians, and peers measured in turn with ours in the same run.
 *   The speed of shared machines changes by the minute, so only ratios are meaningful.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";

export interface Timing {
  readonly min: number;
  readonly median: number;
}

/** One line of `npm run bench -- <name> --json`. */
export interface BenchLine {
  readonly name: string;
  readonly shape: Readonly<Record<string, number>>;
  readonly threads: number;
  readonly isa: string;
  readonly ms: Timing;
  /** Medians of the parts, if there are any. */
  readonly stages?: Readonly<Record<string, number>>;
  /** The peer measured in the same run. */
  readonly against?: string;
  readonly against_ms?: Timing;
  /** Median of the peer divided by the median of ours. */
  readonly ratio?: number;
  /** The target in words; `reached` says whether it was reached. */
  readonly target?: string;
  readonly reached?: boolean;
  readonly [key: string]: unknown;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function timing(values: readonly number[]): Timing {
  const round = (x: number) => Number(x.toPrecision(5));
  return { min: round(Math.min(...values)), median: round(median(values)) };
}

/** Milliseconds of `repeats` calls, after `warmup` calls that do not count. */
export async function timed(
  work: () => Promise<unknown>,
  { warmup = 2, repeats = 7 }: { readonly warmup?: number; readonly repeats?: number } = {},
): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < warmup + repeats; i++) {
    const start = performance.now();
    await work();
    if (i >= warmup) values.push(performance.now() - start);
  }
  return values;
}

/**
 * Python interpreters to measure against, from CONCORD_PEERS: paths separated by commas, each with
 * PyTorch (and SciPy for MFR). Without the variable there are none, and benches report only our own
 * times.
 */
function peers(): string[] {
  return (process.env["CONCORD_PEERS"] ?? "").split(",").filter((p) => p !== "");
}

export interface PeerResult {
  readonly peer: string;
  readonly ms: readonly number[];
  readonly [key: string]: unknown;
}

/** Runs one of bench/peers/*.py. */
function runPeer(
  python: string,
  script: string,
  args: Readonly<Record<string, number | string>>,
): PeerResult {
  const flags = Object.entries(args).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const file = join(import.meta.dirname, "peers", script);
  const output = execFileSync(python, [file, ...flags], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output.trim().split("\n").at(-1)!) as PeerResult;
}

/**
 * Measures a bench against every peer in turn: ours, peer, ours, peer.
 *
 * @param ours Runs our side once and returns its milliseconds.
 */
export async function againstPeers(
  ours: () => Promise<number[]>,
  line: Omit<BenchLine, "ms">,
  script: string,
  args: Readonly<Record<string, number | string>>,
  target: (peer: string) => number | undefined,
): Promise<BenchLine[]> {
  const pythons = peers();
  if (pythons.length === 0) return [{ ...line, ms: timing(await ours()) } as BenchLine];
  const lines: BenchLine[] = [];
  for (const python of pythons) {
    const before = await ours();
    const first = runPeer(python, script, args);
    const after = await ours();
    const second = runPeer(python, script, args);
    const mine = [...before, ...after];
    const theirs = [...first.ms, ...second.ms];
    const ratio = median(theirs) / median(mine);
    const wanted = target(first.peer);
    lines.push({
      ...line,
      ms: timing(mine),
      against: first.peer,
      against_ms: timing(theirs),
      ratio: Number(ratio.toPrecision(4)),
      ...(wanted === undefined
        ? {}
        : { target: `ratio of at least ${wanted}`, reached: ratio >= wanted }),
    } as BenchLine);
  }
  return lines;
}
