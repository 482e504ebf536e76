/** The 97.5th percentile of the standard normal. */
const Z = 1.959963984540054;

/**
 * The 95 % interval of a share of which `hits` of `trials` are known: Wilson's, which keeps to
 * [0, 1] and holds for few trials (Wilson 1927, doi:10.1080/01621459.1927.10502953).
 *
 * @returns [low, high]; undefined without a trial.
 */
export function wilsonInterval(hits: number, trials: number): [number, number] | undefined {
  if (trials === 0) return undefined;
  const share = hits / trials;
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half =
    (Z * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))) /
    (1 + z2 / trials);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
