/**
 * @file Where a latent is active: how strongly, and in which contexts. Random contexts come before
 *   the strongest ones, which flatter every latent.
 */

import { useMemo } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { count, significant } from "../../../src/figures/number-text.ts";
import { histogram } from "../../../src/figures/plot/histogram.ts";
import { Figure } from "../../parts/figure.tsx";
import { Examples } from "../../parts/tokens.tsx";
import { percent } from "../../parts/words.ts";

/** Examples that are shown before a person asks for more: of all, and of one group. */
const TOP = 8;
const IN_GROUP = 2;

function Sizes({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  const { bin_width, counts } = card.histogram;
  const figure = useMemo(
    () =>
      histogram({
        title: "Sizes of its activations",
        description: `${count(card.active_rows)} activations, from 0 to ${significant(card.max, 3)}.`,
        start: 0,
        width: bin_width,
        series: [{ name: what, counts }],
        xLabel: "activation",
        yLabel: what,
        crop: true,
        plotHeight: 90,
      }),
    [bin_width, counts, what, card.active_rows, card.max],
  );
  const quantiles = card.quantiles
    .map(({ at, value }) => `${percent(at)} ${significant(value, 3)}`)
    .join(" · ");
  return (
    <section>
      <h2>How strongly it fires</h2>
      <Figure figure={figure} />
      {quantiles !== "" && <p class="small quiet">Quantiles: {quantiles}</p>}
    </section>
  );
}

/** Histogram and groups of examples. */
export function Activity({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  const { top, quantiles, random, near_misses } = card.examples;
  const max = card.max ?? 0;
  // Another latent begins with its first examples.
  const key = `${card.member} ${card.latent}`;
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
          <Examples key={key} examples={top} max={max} first={TOP} />
        </section>
      )}
      {quantiles.length > 0 && (
        <section>
          <h2>By strength</h2>
          {quantiles.map(({ from, to, share: part, examples }) => (
            <div class="group" key={from}>
              <h3>
                {significant(from, 3)} to {significant(to, 3)}{" "}
                <span class="quiet">{percent(part)} of its activity</span>
              </h3>
              <Examples key={key} examples={examples} max={max} first={IN_GROUP} />
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
