/** @file Accuracy and correlation, as the scores of latents use them. */

/** Mean of the share of the positive that are said to be so, and of the negative that are not. */
export function balancedAccuracy(
  positive: readonly boolean[],
  negative: readonly boolean[],
): number {
  const share = (all: readonly boolean[], right: boolean) =>
    all.filter((one) => one === right).length / all.length;
  return (share(positive, true) + share(negative, false)) / 2;
}

/** Pearson correlation; 0 where one of both is constant, for nothing is then explained. */
export function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (all: readonly number[]) => all.reduce((sum, v) => sum + v / all.length, 0);
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [x[i]! - mx, y[i]! - my];
    xy += u * v;
    xx += u * u;
    yy += v * v;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}
