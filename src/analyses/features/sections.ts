/** @file The latents that recur most and least, in a run's report. */

import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";
import { html, type Markup } from "../../figures/html/html.ts";
import { section } from "../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../figures/html/table.ts";
import { count } from "../../figures/number-text.ts";
import { foundText, latentName, namingRule, nullOf, percent } from "./tables.ts";

function columns(summary: FeaturesSummary): Column<ListedLatent>[] {
  const all = [...summary.most_recurrent, ...summary.most_idiosyncratic];
  const words: Column<ListedLatent>[] = [
    {
      head: "Fires on",
      cell: ({ label }) => (label === "" ? "–" : html`<code>${label}</code>`),
    },
  ];
  const rules: Column<ListedLatent>[] = [
    {
      head: "Precision",
      sub: "of that rule",
      kind: "number",
      cell: (one) => numberCell(namingRule(one)?.precision, 2),
    },
    {
      head: "Recall",
      sub: "of that rule",
      kind: "number",
      cell: (one) => numberCell(namingRule(one)?.recall, 2),
    },
  ];
  const strips: Column<ListedLatent> = {
    head: "Strongest rows",
    cell: ({ strip, member, latent }) =>
      strip &&
      html`<img src="data:image/png;base64,${strip.png}" width="${strip.width}" height="${strip.height}" alt="The strongest rows of ${member}:${latent}">`,
  };
  return [
    { head: "Latent", cell: latentName },
    ...(all.some(({ strip }) => strip !== undefined) ? [strips] : []),
    ...(all.some(({ label }) => label !== "") ? words : []),
    ...(all.some((one) => namingRule(one)) ? rules : []),
    { head: "Density", kind: "number", cell: ({ density }) => percent(density) },
    { head: "Found in", sub: "other members", cell: (one) => foundText(one, summary) },
    { head: "Cosine", sub: "mean", kind: "number", cell: (one) => numberCell(one.mean_cosine, 3) },
    { head: "Null", kind: "null", cell: (one) => numberCell(nullOf(one, summary), 3) },
  ];
}

/** The section; it says how to see all latents. */
export function featuresSections({ summary }: { readonly summary: FeaturesSummary }): Markup {
  const { most_recurrent: most, most_idiosyncratic: least, rows, unit, threshold } = summary;
  const head = columns(summary);
  const part = (title: string, listed: readonly ListedLatent[]) =>
    listed.length > 0 && table(title, head, listed);
  return section(
    "Latents",
    html`<p>What latents fire on, over ${count(rows)} ${unit}. Precision and recall are those of the rule that names a latent, on rows that training never saw. A latent is found in another member when its one-to-one partner there has a cosine of at least ${threshold}. The null is the mean cosine of matched random atoms.</p>
${part("The latents that most other members have", most)}${part("Live latents that no other member has, the least similar first", least)}
${summary.left_out.map((sentence) => html`<p class="notice">${sentence}</p>`)}
<p class="small"><code>concord features</code> finds others by word, <code>concord feature</code> shows one with its examples, and <code>concord serve</code> shows all of them in a browser.</p>`,
  );
}
