/** @file Latents near a latent: in its own member, and those that rebuild it elsewhere. */

import type { LatentCard, LatentColumns } from "../../../src/evidence/card.ts";
import { href } from "../../app/route.ts";
import { useColumns } from "../../data/answers.ts";
import { visible } from "../../parts/visible.ts";
import { unit } from "../../parts/words.ts";

type Other = LatentCard["nearest"][number];

function Others({
  title,
  meaning,
  others,
  run,
  member,
  columns,
}: {
  readonly title: string;
  readonly meaning: string;
  readonly others: readonly Other[];
  readonly run: string;
  readonly member: string;
  readonly columns: LatentColumns | undefined;
}) {
  if (others.length === 0) return null;
  return (
    <section>
      <h2>
        {title} <span class="quiet">{meaning}</span>
      </h2>
      <ol class="others">
        {others.map(({ latent, value }) => (
          <li key={latent}>
            <a href={href(["run", run, "latents", member, latent])}>
              <span class="rail-number">{latent}</span>
              <span class="rail-label">{visible(columns?.label[latent] ?? "") || "–"}</span>
            </a>
            <span class="n">{unit(value)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Nearest by atom and by activity, and what rebuilds a latent that no other member has. */
export function Neighbours({ run, card }: { readonly run: string; readonly card: LatentCard }) {
  const { member, nearest, coactive, rebuilt } = card;
  const columns = useColumns(run, member).value;
  const common = { run, member, columns };
  return (
    <>
      {rebuilt.length > 0 && (
        <section>
          <h2>
            Rebuilt elsewhere <span class="quiet">from several latents of the other member</span>
          </h2>
          <ul class="rebuilt">
            {rebuilt.map(({ member: other, latents, cosine, null_cosine }) => (
              <li key={other}>
                <span>
                  {other}{" "}
                  {latents.map((latent, i) => (
                    <span key={latent}>
                      {i > 0 && " + "}
                      <a href={href(["run", run, "latents", other, latent])}>{latent}</a>
                    </span>
                  ))}
                </span>
                <span class="n">
                  {unit(cosine)} <span class="null">null {unit(null_cosine)}</span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Others title="Nearest" meaning="by the cosine of their atoms" others={nearest} {...common} />
      <Others
        title="Active together"
        meaning="by the Jaccard index of their activity"
        others={coactive}
        {...common}
      />
    </>
  );
}
