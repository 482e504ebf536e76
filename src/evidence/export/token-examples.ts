/**
 * @file The examples of a latent as other programs show them: tokens with their activations, in
 *   groups by the size of the activation.
 */

import type { Example, LatentCard } from "../card.ts";

/** The tokens around one row in which a latent is active. */
export interface TokenExample {
  readonly tokens: string[];
  /** One activation per token. */
  readonly values: number[];
  /** Which of the tokens is the row itself. */
  readonly peak: number;
}

/** The strongest examples, or those whose activations lie in [from, to]. */
export interface ExampleGroup {
  readonly kind: "top" | "quantile";
  readonly from: number;
  readonly to: number;
  /** Share of all active rows in the group; null for the strongest examples. */
  readonly share: number | null;
  readonly examples: readonly TokenExample[];
}

/** `value` to six significant digits; activations are float32, and small ones must not become 0. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/**
 * A token that databases and JSON readers take. An empty one becomes ∅, which Neuronpedia's upload
 * requires. NUL becomes ␀, because Postgres stores none; half characters become �.
 */
export function storableToken(text: string): string {
  const whole = Buffer.from(text).toString();
  return whole === "" ? "∅" : whole.replaceAll("\0", "␀");
}

function tokenExample({ pieces, peak }: Example, most: number): TokenExample {
  const start = Math.max(0, Math.min(peak - (most >> 1), pieces.length - most));
  const shown = pieces.slice(start, start + most);
  return {
    tokens: shown.map(({ text }) => storableToken(text)),
    values: shown.map(({ value }) => rounded(value)),
    peak: peak - start,
  };
}

/**
 * The strongest examples of a live latent, then those of every quantile, strongest first. Examples
 * that have no text are left out, and groups without examples.
 *
 * @param most  Tokens of an example at most; longer ones are cut around the row itself.
 */
export function exampleGroups(card: LatentCard, most = Number.MAX_SAFE_INTEGER): ExampleGroup[] {
  const { top, quantiles } = card.examples;
  const texts = (examples: readonly Example[]) =>
    examples.filter(({ pieces }) => pieces.length > 0).map((e) => tokenExample(e, most));
  const max = rounded(card.max ?? 0);
  const strongest: ExampleGroup = {
    kind: "top",
    from: max,
    to: max,
    share: null,
    examples: texts(top),
  };
  const groups = quantiles.map(
    ({ from, to, share, examples }): ExampleGroup => ({
      kind: "quantile",
      from: rounded(from),
      to: rounded(to),
      share: rounded(share),
      examples: texts(examples),
    }),
  );
  return [strongest, ...groups].filter(({ examples }) => examples.length > 0);
}
