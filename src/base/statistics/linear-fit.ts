/** @file The least-squares line through points, and how closely they follow it. */

export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  /** Pearson's correlation coefficient; undefined when y is constant. */
  readonly correlation: number | undefined;
  /** Number of points with two finite coordinates. */
  readonly n: number;
}

/**
 * Ordinary least squares of y on x, over the points that are finite.
 *
 * @returns undefined for fewer than two such points or when all have the same x.
 */
export function linearFit(x: ArrayLike<number>, y: ArrayLike<number>): LinearFit | undefined {
  let n = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  // Welford's update: one pass, no cancellation.
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
    n++;
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    meanX += dx / n;
    meanY += dy / n;
    xx += dx * (x[i]! - meanX);
    yy += dy * (y[i]! - meanY);
    xy += dx * (y[i]! - meanY);
  }
  const slope = xy / xx;
  const intercept = meanY - slope * meanX;
  if (n < 2 || xx <= 0 || !Number.isFinite(slope) || !Number.isFinite(intercept)) return undefined;
  const correlation = xy / Math.sqrt(xx) / Math.sqrt(yy);
  return {
    slope,
    intercept,
    n,
    correlation: Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : undefined,
  };
}
