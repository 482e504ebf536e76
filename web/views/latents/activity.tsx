/**
 * @file Where a latent is active: how strongly, and in which contexts. Random contexts come before
 *   the strongest ones, which flatter every latent.
 */

import { useMemo } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { count, significant } from "../../../src/figures/number-text.ts";
import { Figure } from "../../parts/figure.tsx";
import { Examples } from "../../parts/tokens.tsx";
import { share } from "../../parts/words.ts";

function Sizes({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  const { bin_width, counts } = card.histogram;
  const data = useMemo(
    () => ({
      from: 0,
      width: bin_width,
      counts,
      xLabel: "activation",
      yLabel: what,
      height: 130,
    }),
    [bin_width, counts, what],
  );
  const quantiles = card.quantiles
    .map(({ at, value }) => `${share(at)} ${significant(value, 3)}`)
    .join(" · ");
  return (
    <section>
      <h2>How strongly it fires</h2>
      <Figure
        kind="histogram"
        data={data}
        label={`Sizes of the ${count(card.active_rows)} activations, from 0 to ${significant(card.max, 3)}`}
      />
      {quantiles !== "" && <p class="small quiet">Quantiles: {quantiles}</p>}
    </section>
  );
}

/** Histogram and groups of examples. */
export function Activity({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  const { top, quantiles, random, near_misses } = card.examples;
  const max = card.max ?? 0;
  return (
    <>
      <Sizes card={card} what={what} />
      {random.length > 0 && (
        <section>
          <h2>
            At random{" "}
            <span class="quiet">
              from all {count(card.active_rows)} active {what}
            </span>
          </h2>
          <Examples examples={random} max={max} />
        </section>
      )}
      {top.length > 0 && (
        <section>
          <h2>Strongest</h2>
          <Examples examples={top} max={max} />
        </section>
      )}
      {quantiles.length > 0 && (
        <section>
          <h2>By strength</h2>
          {quantiles.map(({ from, to, share: part, examples }) => (
            <div class="group" key={from}>
              <h3>
                {significant(from, 3)} to {significant(to, 3)}{" "}
                <span class="quiet">{share(part)} of its activity</span>
              </h3>
              <Examples examples={examples} max={max} />
            </div>
          ))}
        </section>
      )}
      {near_misses.length > 0 && (
        <section>
          <h2>
            Near misses{" "}
            <span class="quiet">
              where its nearest latent is active and it is not; the number is that latent's
            </span>
          </h2>
          <Examples examples={near_misses} max={max} />
        </section>
      )}
    </>
  );
}
