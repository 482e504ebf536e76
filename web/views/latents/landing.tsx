/** @file What stands out among the latents of a run, before one is opened. */

import { useMemo } from "preact/hooks";
import type { FeaturesSummary, ListedLatent } from "../../../src/evidence/card.ts";
import { recurringBars, recurringFill } from "../../../src/figures/latents/recurring-bars.ts";
import { count } from "../../../src/figures/number-text.ts";
import { href } from "../../app/route.ts";
import { Figure } from "../../parts/figure.tsx";
import { Dots } from "../../parts/recurrence.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { visible } from "../../parts/visible.ts";
import { percent, share, unit } from "../../parts/words.ts";

const strips: Column<ListedLatent> = {
  key: "strip",
  head: "Strongest rows",
  cell: ({ strip, member, latent }) =>
    strip && (
      <img
        class="strip"
        src={`data:image/png;base64,${strip.png}`}
        width={strip.width}
        height={strip.height}
        alt={`The strongest rows of ${member}:${latent}`}
      />
    ),
};

function listColumns(run: string, of: number, hasStrips: boolean): Column<ListedLatent>[] {
  return [
    {
      key: "label",
      head: "Latent",
      cell: ({ member, latent, label }) => (
        <a class="label-link" href={href(["run", run, "latents", member, latent])}>
          {visible(label) || `latent ${latent}`}
        </a>
      ),
    },
    ...(hasStrips ? [strips] : []),
    {
      key: "member",
      head: "Member",
      cell: ({ member, latent }) => (
        <span class="quiet nowrap">
          {member} · {latent}
        </span>
      ),
    },
    {
      key: "found",
      head: "Found in",
      cell: ({ found_in }) => <Dots found={found_in} of={of} />,
    },
    {
      key: "cosine",
      head: "Cosine",
      isNumber: true,
      cell: ({ mean_cosine }) => unit(mean_cosine),
    },
    { key: "density", head: "Density", isNumber: true, cell: ({ density }) => share(density) },
    {
      key: "rule",
      head: "Best rule",
      title:
        "Precision: how often the latent is active where the rule holds. Recall: how much of its activity the rule covers.",
      cell: ({ best_rule }) =>
        best_rule && (
          <>
            <code>{visible(best_rule.text)}</code>{" "}
            <span class="small quiet">
              precision {percent(best_rule.precision)}, recall {percent(best_rule.recall)}
            </span>
          </>
        ),
    },
  ];
}

/** Latents of all members and how often they recur; the ones most and least found again. */
export function Landing({
  name,
  summary,
}: {
  readonly name: string;
  readonly summary: FeaturesSummary;
}) {
  const { members, most_recurrent, most_idiosyncratic, left_out, rows, unit: what } = summary;
  const of = members[0]?.compared_with.length ?? 0;
  const latents = members.reduce((sum, m) => sum + m.latents, 0);
  const everywhere = members.reduce(
    (sum, m) => sum + (m.recurring[m.compared_with.length] ?? 0),
    0,
  );
  const nothing = members.find((m) => m.null_cosine !== null)?.null_cosine ?? null;
  const figure = useMemo(() => recurringBars(members), [members]);
  const hasStrips = [...most_recurrent, ...most_idiosyncratic].some((one) => one.strip);
  const columns = listColumns(name, of, hasStrips);
  const key = ({ member, latent }: ListedLatent) => `${member} ${latent}`;
  return (
    <article class="landing">
      <h1 tabIndex={-1}>Latents</h1>
      <p class="lead">
        {members.length === 1 ? "One member" : `${count(members.length)} members`} with{" "}
        {count(latents)} latents, looked at over {count(rows)} {what}.
        {of > 0 && (
          <>
            {" "}
            <strong>{count(everywhere)}</strong> of them are found in every other member, at a
            cosine of at least {unit(summary.threshold)}
            {nothing !== null && (
              <>
                {" "}
                <span class="null">(random atoms match at {unit(nothing)})</span>
              </>
            )}
            .
          </>
        )}
      </p>
      {of > 0 && (
        <figure>
          <ul class="legend" aria-hidden="true">
            {Array.from({ length: of + 1 }, (_, i) => of - i).map((found) => (
              <li key={found}>
                <span class="swatch" style={`background:${recurringFill(found, of)}`} />
                {found === of ? `all ${of}` : found === 0 ? "none" : found}
              </li>
            ))}
          </ul>
          <Figure figure={figure} />
          <figcaption>Latents of each member by how many other members have them.</figcaption>
        </figure>
      )}
      {most_recurrent.length > 0 && (
        <section>
          <h2>Most recurrent</h2>
          <Table
            rows={most_recurrent}
            columns={columns}
            rowKey={key}
            caption="Most recurrent latents"
          />
        </section>
      )}
      {most_idiosyncratic.length > 0 && (
        <section>
          <h2>Most idiosyncratic</h2>
          <p class="quiet small">Active, and found in the fewest other members.</p>
          <Table
            rows={most_idiosyncratic}
            columns={columns}
            rowKey={key}
            caption="Most idiosyncratic latents"
          />
        </section>
      )}
      {left_out.length > 0 && (
        <section>
          <h2>Left out</h2>
          <ul class="notes">
            {left_out.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </section>
      )}
    </article>
  );
}
