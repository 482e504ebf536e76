/**
 * @file The partners of a latent in the other members, all of them beside it: how alike each is,
 *   its examples, and where the two disagree.
 */

import { useMemo, useRef, useState } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { count } from "../../../src/figures/number-text.ts";
import { href } from "../../app/route.ts";
import { useCard } from "../../data/answers.ts";
import { useSeen } from "../../parts/seen.ts";
import { Show } from "../../parts/states.tsx";
import { ExampleLine, Examples } from "../../parts/tokens.tsx";
import { visible } from "../../parts/visible.ts";
import { percent, unit } from "../../parts/words.ts";
import { activeInEither, compareCards } from "./disagreement.ts";

type Partner = LatentCard["partners"][number];

/** Examples of each side. */
const SHOWN = 5;

/** Rows of each partner in which it and the latent differ most. */
const DIFFERING = 3;

/** Partners that are shown beside the latent before one asks for all. */
const MOST_BESIDE = 7;

function PartnerTable({ run, card }: { readonly run: string; readonly card: LatentCard }) {
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
        </tr>
      </thead>
      <tbody>
        {card.partners.map(({ member, latent, cosine, counts, code_correlation, jaccard }) => (
          <tr key={member}>
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
            <td colSpan={2} />
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function Title({ member, latent, label }: LatentCard) {
  return (
    <h3>
      {label === "" ? `latent ${latent}` : visible(label)}{" "}
      <span class="quiet">
        {member} · {latent}
      </span>
    </h3>
  );
}

function Strongest({ card }: { readonly card: LatentCard }) {
  return (
    <Examples
      key={`${card.member} ${card.latent}`}
      examples={card.examples.top}
      max={card.max ?? 0}
      first={SHOWN}
    />
  );
}

/** Rows in which the two differ most, and which rows that is said of. */
function Disagreements({
  card,
  other,
  partner,
}: {
  readonly card: LatentCard;
  readonly other: LatentCard;
  readonly partner: Partner;
}) {
  const { shared, differing } = useMemo(() => compareCards(card, other, DIFFERING), [card, other]);
  const either = activeInEither(card, other, partner.jaccard);
  const kept = `The kept examples of both show ${count(shared)} rows in common`;
  const known =
    either === undefined || partner.jaccard === null
      ? "."
      : `. One of the two is active in ${count(either)} rows, and both in ${percent(partner.jaccard)} of those.`;
  return (
    <>
      <h4>Where they disagree</h4>
      {differing.length > 0 && (
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
      )}
      <p class="small quiet">
        {differing.length > 0
          ? "Activations here | there, as shares of each one's largest. "
          : shared > 0
            ? "Nowhere in the rows that can be compared. "
            : ""}
        {kept}
        {known}
      </p>
    </>
  );
}

function PartnerColumn({
  run,
  card,
  partner,
}: {
  readonly run: string;
  readonly card: LatentCard;
  readonly partner: Partner;
}) {
  const other = useCard(run, partner.member, partner.latent);
  const nothing = card.recurrence?.null_cosine;
  return (
    <Show answer={other} what={`latent ${partner.latent} of ${partner.member}`}>
      {(value) => (
        <>
          <Title {...value} />
          <p class="small">
            cosine <strong>{unit(partner.cosine)}</strong>{" "}
            <span class="null">null {unit(nothing)}</span>, activity{" "}
            <strong>{unit(partner.code_correlation)}</strong>
          </p>
          <Strongest card={value} />
          <Disagreements card={card} other={value} partner={partner} />
        </>
      )}
    </Show>
  );
}

/** The latent and its partners. Their cards are asked for when one comes near to them. */
function Beside({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  const [isWhole, setWhole] = useState(false);
  const ref = useRef<HTMLElement>(null);
  const isSeen = useSeen(ref);
  const { partners } = card;
  const shown = isWhole ? partners : partners.slice(0, MOST_BESIDE);
  return (
    <>
      <section
        ref={ref}
        class="beside-partners"
        aria-label="The latent and its partners"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
        tabIndex={0}
      >
        <div>
          <Title {...card} />
          <p class="small quiet">this latent</p>
          <Strongest card={card} />
        </div>
        {isSeen &&
          shown.map((partner) => (
            <div key={partner.member}>
              <PartnerColumn run={run} card={card} partner={partner} />
            </div>
          ))}
      </section>
      {shown.length < partners.length && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          Show all {partners.length} partners
        </button>
      )}
    </>
  );
}

/** Partners with their similarity, and all of them side by side with the latent. */
export function Partners({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  return (
    <section class="partners-section">
      <h2>
        Its partners <span class="quiet">in the other members, matched one to one</span>
      </h2>
      <PartnerTable run={run} card={card} />
      {/* Another latent is not near yet: going through cards asks for theirs alone. */}
      <Beside key={`${card.member} ${card.latent}`} run={run} card={card} />
    </section>
  );
}
