/**
 * @file What a model predicts behind a prompt, next to what it should: differences and divergences.
 */

/** log softmax of logits, in double precision where it is summed. */
export function logSoftmax(logits: Float32Array): Float32Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const shift = most + Math.log(sum);
  return logits.map((logit) => logit - shift);
}

/**
 * KL(p ‖ q) = Σ p (log p − log q) in nats, of log-probabilities; tokens of p = 0 add 0.
 */
export function divergence(logP: Float32Array, logQ: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < logP.length; i++) {
    const p = Math.exp(logP[i]!);
    if (p > 0) sum += p * (logP[i]! - logQ[i]!);
  }
  return Math.max(0, sum);
}
