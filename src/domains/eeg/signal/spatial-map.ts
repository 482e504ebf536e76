/** @file The one map over channels that says most of a spatio-temporal pattern. */

/** Enough for the leading direction of patterns whose second is a tenth of a per cent weaker. */
const MAX_ITERATIONS = 2000;
const TOLERANCE = 1e-10;

/**
 * The leading left singular vector of a pattern A [channels × samples]: the map u for which u·wᵀ,
 * with any waveform w, comes nearest to A.
 *
 * Power iteration on A Aᵀ, from its row of the strongest channel.
 *
 * @param values [channels × samples], channel after channel, from `start` on.
 * @returns Unit length, its largest element positive; zeros for a pattern of zeros. [channels].
 */
export function spatialMap(
  values: ArrayLike<number>,
  channels: number,
  samples: number,
  start = 0,
): Float64Array<ArrayBuffer> {
  const gram = new Float64Array(channels * channels);
  for (let a = 0; a < channels; a++)
    for (let b = a; b < channels; b++) {
      let sum = 0;
      for (let t = 0; t < samples; t++)
        sum += values[start + a * samples + t]! * values[start + b * samples + t]!;
      gram[a * channels + b] = sum;
      gram[b * channels + a] = sum;
    }
  let strongest = 0;
  for (let c = 1; c < channels; c++)
    if (gram[c * (channels + 1)]! > gram[strongest * (channels + 1)]!) strongest = c;
  let map = gram.slice(strongest * channels, (strongest + 1) * channels);
  normalise(map);
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const next = Float64Array.from({ length: channels }, (_, a) => {
      let sum = 0;
      for (let b = 0; b < channels; b++) sum += gram[a * channels + b]! * map[b]!;
      return sum;
    });
    normalise(next);
    let change = 0;
    for (let c = 0; c < channels; c++) change = Math.max(change, Math.abs(next[c]! - map[c]!));
    map = next;
    if (change < TOLERANCE) break;
  }
  const largest = map.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
  return largest < 0 ? map.map((v) => -v) : map;
}

function normalise(x: Float64Array): void {
  const norm = Math.hypot(...x);
  if (norm > 0) for (let i = 0; i < x.length; i++) x[i] = x[i]! / norm;
}
