/** @file The latents of a run: a list of one member's, and the card of the one that is open. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { FeaturesSummary, LatentColumns } from "../../../src/evidence/card.ts";
import { useKeys } from "../../app/keys.ts";
import { go, href, parseRoute, useRoute } from "../../app/route.ts";
import { askCard, useCard, useColumns } from "../../data/answers.ts";
import { useSource } from "../../data/context.ts";
import { Show } from "../../parts/states.tsx";
import { WithFeatures } from "../../parts/with-features.tsx";
import { Card } from "./card.tsx";
import { Landing } from "./landing.tsx";
import { asOrder, listed } from "./order.ts";
import { Rail } from "./rail.tsx";

interface Place {
  readonly name: string;
  readonly member: string;
  readonly latent: number | undefined;
}

/** Whether there is room for the list beside the card. */
function useIsWide(): boolean {
  const query = useMemo(() => matchMedia("(min-width: 900px)"), []);
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const update = () => setWide(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, [query]);
  return isWide;
}

/** What stands next to a latent in the list; without one, the first is next. */
function neighbours(latents: readonly number[], latent: number | undefined) {
  const at = latent === undefined ? -1 : latents.indexOf(latent);
  return { next: latents[at + 1], previous: at > 0 ? latents[at - 1] : undefined };
}

/** The latent that the address names: of keys that follow fast, it is ahead of what is drawn. */
function latentOfAddress(): number | undefined {
  const [, , , , latent] = parseRoute(location.hash).path;
  return latent === undefined ? undefined : Number(latent);
}

/** Asks for the neighbours in the list beforehand, so that `j` and `k` show them at once. */
function usePrefetch({ name, member }: Place, latents: readonly (number | undefined)[]): void {
  const source = useSource();
  const wanted = latents.filter((latent) => latent !== undefined).join(",");
  useEffect(() => {
    if (wanted !== "")
      for (const latent of wanted.split(",").map(Number))
        void askCard(source, name, member, latent).catch(() => undefined);
  }, [source, name, member, wanted]);
}

function Listed({
  summary,
  columns,
  place,
  isStale,
}: {
  readonly summary: FeaturesSummary;
  readonly columns: LatentColumns;
  readonly place: Place;
  /** Whether another member was asked for, and its list is on the way. */
  readonly isStale: boolean;
}) {
  const { name, member, latent } = place;
  const { query } = useRoute();
  const order = asOrder(query.get("sort"));
  const text = query.get("q") ?? "";
  const hasDead = query.get("dead") === "1";
  const latents = useMemo(
    () => listed(columns, order, { text, hasDead }),
    [columns, order, text, hasDead],
  );
  const kept = {
    sort: query.get("sort") ?? undefined,
    q: text,
    dead: hasDead ? "1" : undefined,
  };
  const linkTo = (i: number) => href(["run", name, "latents", member, i], kept);
  const { next, previous } = neighbours(latents, latent);
  const goTo = (i: number | undefined) => {
    if (i !== undefined && !isStale) go(linkTo(i));
  };
  const random = () => goTo(latents[Math.floor(Math.random() * latents.length)]);
  const card = useCard(name, isStale ? undefined : member, latent);
  usePrefetch(place, [next, previous]);
  useKeys({
    j: () => goTo(neighbours(latents, latentOfAddress()).next),
    k: () => goTo(neighbours(latents, latentOfAddress()).previous),
    r: random,
    m: () => {
      const { partners } = card.value ?? { partners: [] };
      const names = summary.members.map((m) => m.name);
      const after = names[(names.indexOf(member) + 1) % names.length];
      const partner = partners.find((p) => p.member === after);
      if (partner) go(href(["run", name, "latents", partner.member, partner.latent], kept));
    },
  });
  const isWide = useIsWide();
  const rail = (
    <Rail
      members={summary.members.map((m) => m.name)}
      member={member}
      columns={columns}
      latents={latents}
      order={order}
      text={text}
      hasDead={hasDead}
      current={latent}
      of={summary.members.find((m) => m.name === member)?.compared_with.length ?? 0}
      memberLink={(other) => href(["run", name, "latents", other], kept)}
      linkTo={linkTo}
    />
  );
  return (
    <div class="latents" inert={isStale}>
      {isWide ? (
        <aside class="rail" aria-label="List of latents">
          {rail}
        </aside>
      ) : (
        <details class="rail-fold" key={latent}>
          <summary>All latents of {member}</summary>
          {rail}
        </details>
      )}
      <div class="latents-main">
        {latent === undefined ? (
          <Landing name={name} summary={summary} />
        ) : (
          <Show answer={card} what={`latent ${latent} of ${member}`}>
            {(value) => (
              <Card
                run={name}
                card={value}
                unit={summary.unit}
                previous={previous === undefined ? undefined : linkTo(previous)}
                next={next === undefined ? undefined : linkTo(next)}
                random={random}
              />
            )}
          </Show>
        )}
      </div>
    </div>
  );
}

function Loaded({
  summary,
  name,
  member,
  latent,
}: {
  readonly summary: FeaturesSummary;
  readonly name: string;
  readonly member: string | undefined;
  readonly latent: string | undefined;
}) {
  const shown = member ?? summary.members[0]?.name;
  const columns = useColumns(name, shown);
  const number = latent !== undefined && /^\d+$/.test(latent) ? Number(latent) : undefined;
  return (
    <Show answer={columns} what="latents">
      {(all) => (
        <Listed
          summary={summary}
          columns={all}
          place={{ name, member: all.member, latent: number }}
          isStale={all.member !== shown}
        />
      )}
    </Show>
  );
}

/** The view. Without a member it is the first one's list, without a latent what stands out. */
export function Latents(props: {
  readonly name: string;
  readonly member: string | undefined;
  readonly latent: string | undefined;
}) {
  return (
    <WithFeatures name={props.name}>
      {(summary) => <Loaded summary={summary} {...props} />}
    </WithFeatures>
  );
}
