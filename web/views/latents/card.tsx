/** @file The card of a latent: who else found it, what it fires on, what it does. */

import { useMemo } from "preact/hooks";
import type { LatentCard } from "../../../src/evidence/card.ts";
import { partnerStrip } from "../../../src/figures/latents/partner-strip.ts";
import { count, significant } from "../../../src/figures/number-text.ts";
import { href } from "../../app/route.ts";
import { useSource } from "../../data/context.ts";
import { Figure } from "../../parts/figure.tsx";
import { RecurrenceSentence } from "../../parts/recurrence.tsx";
import { SafeSvg } from "../../parts/safe-svg.tsx";
import { visible } from "../../parts/visible.ts";
import { share, unit } from "../../parts/words.ts";
import { Activity } from "./activity.tsx";
import { Logits } from "./logits.tsx";
import { Neighbours } from "./neighbours.tsx";
import { Notes } from "./notes.tsx";
import { Partners } from "./partners.tsx";
import { Rules } from "./rules.tsx";
import { Steer } from "./steer.tsx";

function Heading({ card }: { readonly card: LatentCard }) {
  const { label, latent, dead } = card;
  if (dead) return <h1 tabIndex={-1}>Latent {latent} is dead</h1>;
  return (
    <h1 tabIndex={-1} class={label === "" ? undefined : "label"}>
      {label === "" ? `Latent ${latent}` : visible(label)}
    </h1>
  );
}

/** Numbers of the latent, each with what it means. */
function Facts({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  const facts: readonly (readonly [string, string, string])[] = [
    [
      "density",
      share(card.density),
      `active in ${count(card.active_rows)} of ${count(card.rows)} ${what}`,
    ],
    ["strongest", significant(card.max, 3), "largest activation that was seen"],
    ["mean", significant(card.mean, 3), `over the ${what} in which it is active`],
    ["alignment", unit(card.alignment), "cosine of its encoder and decoder rows"],
    [
      "moved",
      card.initial_distance === null ? "–" : unit(card.initial_distance),
      "1 − cosine of its atom now and at the first step",
    ],
  ];
  return (
    <dl class="facts-line">
      {facts.map(([name, value, meaning]) => (
        <div key={name} title={meaning}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A latent that was never active still has an atom; what is known of that is shown. */
function Dead({ card, what }: { readonly card: LatentCard; readonly what: string }) {
  return (
    <div class="dead">
      <p>
        It was active in none of {count(card.rows)} {what}, so there is nothing that it fires on.
        {card.initial_distance !== null &&
          card.initial_distance < 0.05 &&
          " Its atom is almost where it started: it hardly ever learnt."}
      </p>
    </div>
  );
}

function Strip({ card }: { readonly card: LatentCard }) {
  const { partners, recurrence } = card;
  const figure = useMemo(
    () =>
      partnerStrip({
        partners,
        threshold: recurrence?.threshold ?? 0.7,
        null: recurrence?.null_cosine ?? null,
      }),
    [partners, recurrence],
  );
  return partners.length === 0 ? null : <Figure figure={figure} />;
}

/** The card. */
export function Card({
  run,
  card,
  unit: what,
  previous,
  next,
  random,
}: {
  readonly run: string;
  readonly card: LatentCard;
  /** What one row is: tokens, windows, rows. */
  readonly unit: string;
  readonly previous: string | undefined;
  readonly next: string | undefined;
  readonly random: () => void;
}) {
  const { isLive } = useSource();
  const { member, latent, latents, figures } = card;
  return (
    <article class="card">
      <header class="card-head">
        <nav class="step" aria-label="Other latents">
          <a href={href(["run", run, "latents", member])}>{member}</a>
          <span class="quiet">
            latent {latent} of {count(latents)}
          </span>
          <span class="grow" />
          {previous !== undefined && (
            <a href={previous} rel="prev" aria-keyshortcuts="k">
              ‹ previous
            </a>
          )}
          <button type="button" class="plain" onClick={random} aria-keyshortcuts="r">
            random
          </button>
          {next !== undefined && (
            <a href={next} rel="next" aria-keyshortcuts="j">
              next ›
            </a>
          )}
        </nav>
        <Heading card={card} />
        <p class="unseen" role="status">
          {member} latent {latent}
        </p>
        <RecurrenceSentence card={card} />
        <Strip card={card} />
        <Facts card={card} what={what} />
      </header>
      {card.dead && <Dead card={card} what={what} />}
      <div class="card-columns">
        <div class="card-side">
          {figures.map(({ title, svg }) => (
            <section key={title}>
              <h2>{title}</h2>
              <SafeSvg svg={svg} label={`${title} of latent ${latent}`} />
            </section>
          ))}
          <Rules card={card} />
          <Notes card={card} />
          <Logits card={card} />
          <Neighbours run={run} card={card} />
        </div>
        <div class="card-wide">{!card.dead && <Activity card={card} what={what} />}</div>
      </div>
      {card.partners.length > 0 && <Partners run={run} card={card} />}
      {isLive && !card.dead && <Steer key={`${member} ${latent}`} run={run} card={card} />}
    </article>
  );
}
