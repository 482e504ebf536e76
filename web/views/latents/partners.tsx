/** @file The partners of a latent in the other members, beside it: their examples, and where they
 *   and the latent disagree.
 */

import { useMemo } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { href, setQuery, useRoute } from "../../app/route.ts";
import { useCard } from "../../data/answers.ts";
import { Show } from "../../parts/states.tsx";
import { ExampleLine, Examples } from "../../parts/tokens.tsx";
import { visible } from "../../parts/visible.ts";
import { percent, unit } from "../../parts/words.ts";
import { compareCards } from "./disagreement.ts";

type Partner = LatentCard["partners"][number];

/** Examples of each side. */
const SHOWN = 5;

function PartnerTable({
  run,
  card,
  chosen,
}: {
  readonly run: string;
  readonly card: LatentCard;
  readonly chosen: string;
}) {
  const nothing = card.recurrence?.null_cosine ?? null;
  return (
    <table class="partners">
      <thead>
        <tr>
          <th scope="col">Partner</th>
          <th scope="col" class="n">
            Cosine
          </th>
          <th scope="col" class="n" title="Correlation of the two activations over all rows">
            Activity
          </th>
          <th scope="col" class="n" title="Rows in which both are active, of those in which one is">
            Overlap
          </th>
          <th scope="col">
            <span class="unseen">Compare</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {card.partners.map(({ member, latent, cosine, counts, code_correlation, jaccard }) => (
          <tr key={member} class={member === chosen ? "current" : undefined}>
            <th scope="row">
              <a href={href(["run", run, "latents", member, latent])}>
                {member} · {latent}
              </a>
            </th>
            <td class="n">
              <strong class={counts ? undefined : "light"}>{unit(cosine)}</strong>
              {!counts && <span class="small quiet"> too low to count</span>}
            </td>
            <td class="n">{unit(code_correlation)}</td>
            <td class="n">{jaccard === null ? "–" : percent(jaccard)}</td>
            <td>
              <button
                type="button"
                class="plain"
                aria-pressed={member === chosen}
                onClick={() => setQuery({ beside: member })}
              >
                {member === chosen ? "shown below" : "show beside"}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
      {nothing !== null && (
        <tfoot>
          <tr>
            <th scope="row" class="null">
              null: random atoms
            </th>
            <td class="n null">{unit(nothing)}</td>
            <td colSpan={3} />
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function SideBySide({ card, other }: { readonly card: LatentCard; readonly other: LatentCard }) {
  const { shared, differing } = useMemo(() => compareCards(card, other, SHOWN), [card, other]);
  const title = ({ member, latent, label }: LatentCard) => (
    <h3>
      {label === "" ? `latent ${latent}` : visible(label)}{" "}
      <span class="quiet">
        {member} · {latent}
      </span>
    </h3>
  );
  return (
    <>
      <div class="beside">
        {[card, other].map((side) => (
          <div key={side.member}>
            {title(side)}
            <Examples
              key={`${side.member} ${side.latent}`}
              examples={side.examples.top}
              max={side.max ?? 0}
              first={SHOWN}
            />
          </div>
        ))}
      </div>
      <h3>Where they disagree</h3>
      {differing.length > 0 ? (
        <ul class="examples">
          {differing.map(({ example, here, there }) => (
            <ExampleLine
              key={example.row}
              example={example}
              max={Math.max(...example.pieces.map(({ value }) => value), example.value)}
              note={`${unit(here)} | ${unit(there)}`}
            />
          ))}
        </ul>
      ) : (
        <p class="quiet">
          {shared === 0
            ? "The kept examples of the two show no row in common."
            : `They agree in all ${shared} rows that the kept examples of both show.`}
        </p>
      )}
      {differing.length > 0 && (
        <p class="small quiet">
          Activations here | there, as shares of each one's largest. Of the {shared} rows that the
          kept examples of both show.
        </p>
      )}
    </>
  );
}

function Beside({
  run,
  card,
  partner,
}: {
  readonly run: string;
  readonly card: LatentCard;
  readonly partner: Partner;
}) {
  const other = useCard(run, partner.member, partner.latent);
  return (
    <Show answer={other} what={`latent ${partner.latent} of ${partner.member}`}>
      {(value) => <SideBySide card={card} other={value} />}
    </Show>
  );
}

/** Partners with their similarity, and one of them side by side with the latent. */
export function Partners({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  const asked = useRoute().query.get("beside");
  const chosen = card.partners.find(({ member }) => member === asked) ?? card.partners[0]!;
  return (
    <section class="partners-section">
      <h2>
        Its partners <span class="quiet">in the other members, matched one to one</span>
      </h2>
      <PartnerTable run={run} card={card} chosen={chosen.member} />
      <Beside run={run} card={card} partner={chosen} />
    </section>
  );
}
