/**
 * @file How alike the contexts of a latent are to each other, and unlike others, for an embedder.
 *
 *   auroc     the chance that an active context is nearer to the active ones than an inactive
 *             context is: area under the ROC curve of Δ = mean cosine with the active contexts −
 *             mean cosine with the inactive ones, each context left out of its own means
 *   intruder  how often, of four active contexts and one of another latent, the one that is least
 *             like the four others is the intruder; chance is 1 in 5
 *
 * Both follow "Evaluating SAE interpretability without explanations" (arXiv:2507.08473): the first
 * is its example embedding score, the second its intruder detection with an embedder for a judge.
 * Its embedder was trained for the task; ours are not, so they are local proxies.
 */

/** Contexts of the latent in a set of the intruder game. */
export const OWN = 4;

/**
 * Area under the ROC curve of contexts by Δ, see the head of this file.
 *
 * @param cosine Of contexts i and j, those that are active first.
 * @param active Number of active contexts.
 * @param all    Number of contexts.
 */
export function embeddingAuroc(
  cosine: (i: number, j: number) => number,
  active: number,
  all: number,
): number {
  const meanTo = (i: number, from: number, to: number) => {
    let [sum, count] = [0, 0];
    for (let j = from; j < to; j++)
      if (j !== i) {
        sum += cosine(i, j);
        count++;
      }
    return sum / count;
  };
  const delta = Array.from(
    { length: all },
    (_, i) => meanTo(i, 0, active) - meanTo(i, active, all),
  );
  let above = 0;
  for (let i = 0; i < active; i++)
    for (let j = active; j < all; j++)
      above += delta[i]! > delta[j]! ? 1 : delta[i]! === delta[j]! ? 0.5 : 0;
  return above / (active * (all - active));
}

/**
 * Whether the context least like the four others is the intruder; of equal ones each counts its
 * share.
 *
 * @param cosine Of the contexts of the set, the intruder last.
 */
export function findsIntruder(cosine: (i: number, j: number) => number): number {
  const likeness = Array.from({ length: OWN + 1 }, (_, i) => {
    let sum = 0;
    for (let j = 0; j <= OWN; j++) if (j !== i) sum += cosine(i, j);
    return sum;
  });
  const least = Math.min(...likeness);
  const lowest = likeness.filter((one) => one === least).length;
  return likeness[OWN] === least ? 1 / lowest : 0;
}
