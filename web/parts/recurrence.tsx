/**
 * @file In how many other members a latent was found: as filled and empty dots, and as a sentence
 *   with its null.
 */

import type { LatentCard } from "../../src/evidence/card.ts";
import { significant } from "../../src/figures/number-text.ts";
import { unit } from "./words.ts";

/** More dots than this are not counted at a glance; a number says it then. */
const MOST_DOTS = 9;

/** Filled dots for the members that have it. */
export function Dots({ found, of }: { readonly found: number; readonly of: number }) {
  const text = `found in ${found} of ${of}`;
  if (of > MOST_DOTS)
    return (
      <span class="dots" title={text}>
        {found}/{of}
      </span>
    );
  return (
    <span class="dots" role="img" aria-label={text} title={text}>
      {Array.from({ length: of }, (_, i) => (
        <i key={i} class={i < found ? "dot-full" : "dot-empty"} />
      ))}
    </span>
  );
}

/** Found in 3 of 4 other members, cosine .93 ± .03, null .21. */
export function RecurrenceSentence({ card }: { readonly card: LatentCard }) {
  const { recurrence } = card;
  if (!recurrence)
    return <p class="recurrence quiet">There is no other member to compare it with.</p>;
  const { found_in, of, threshold, mean_cosine, spread, null_cosine, null_found_in } = recurrence;
  return (
    <p class="recurrence">
      <Dots found={found_in} of={of} />
      <span>
        Found in <strong>{found_in}</strong> of {of} other members
      </span>
      {mean_cosine !== null && (
        <span>
          cosine{" "}
          <strong>
            {unit(mean_cosine)}
            {spread !== null && ` ± ${unit(spread)}`}
          </strong>
        </span>
      )}
      {null_cosine !== null && (
        <span class="null" title="Mean cosine of matched random atoms of the same shapes">
          null {unit(null_cosine)}
        </span>
      )}
      <span class="quiet small">
        A partner counts from a cosine of {unit(threshold)}
        {null_found_in !== null && `; random atoms are found in ${significant(null_found_in, 2)}`}.
      </span>
    </p>
  );
}
