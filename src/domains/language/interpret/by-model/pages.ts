/** @file Tables of what a language model made of latents, for reports and terminals. */

import { html, type Markup } from "../../../../figures/html/html.ts";
import { section } from "../../../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../../../figures/html/table.ts";
import { count, fixed } from "../../../../figures/number-text.ts";
import type { ResultTable } from "../../../analysis.ts";
import type { ByModelResult } from "./result.ts";

/** Latents that a report lists of each member. */
const LISTED = 50;

const SCORES = [
  "simulation",
  "simulation_top",
  "simulation_random",
  "detection",
  "fuzzing",
] as const;

function sentence({ judge, endpoint, rows, fragment, questions }: ByModelResult): string {
  const { asked, known, malformed } = questions;
  return `Explained and scored by ${judge} (${endpoint}) on fragments of ${fragment} tokens, ${count(rows)} tokens. ${count(asked)} questions, ${count(known)} of them answered before; ${count(malformed)} answers could not be used.`;
}

const meanText = ({ scores }: ByModelResult["members"][number], name: string) => {
  const score = scores[name];
  if (!score) return "";
  const { mean, interval } = score;
  const spread = interval ? ` [${fixed(interval[0], 2)}, ${fixed(interval[1], 2)}]` : "";
  return `${fixed(mean, 3)}${spread}`;
};

/** Means by member, for a terminal, and the latents. */
export function byModelTable(found: ByModelResult): readonly ResultTable[] {
  const means = found.members.map((member) => [
    member.name,
    member.latents.length,
    ...SCORES.map((name) => meanText(member, name)),
  ]);
  const latents = found.members.flatMap(({ name, latents }) =>
    latents
      .slice(0, LISTED)
      .map(({ latent, explanation, scores }) => [
        `${name}:${latent}`,
        scores["simulation"] === undefined ? "" : fixed(scores["simulation"], 3),
        explanation ?? "(no explanation that could be used)",
      ]),
  );
  return [
    { title: sentence(found), header: ["member", "latents", ...SCORES], rows: means },
    { title: "Explanations", header: ["latent", "simulation", "explanation"], rows: latents },
  ];
}

/** Section of a report. */
export function byModelSections(found: ByModelResult): Markup {
  type Member = ByModelResult["members"][number];
  const columns: Column<Member>[] = [
    { head: "member", cell: ({ name }) => name },
    { head: "latents", kind: "number", cell: ({ latents }) => count(latents.length) },
    ...SCORES.map(
      (name): Column<Member> => ({
        head: name,
        kind: "number",
        cell: (member) => meanText(member, name),
      }),
    ),
  ];
  type Latent = Member["latents"][number];
  const listed = found.members.map(({ name, latents }) =>
    table(
      `Explanations of ${name}`,
      [
        { head: "latent", cell: ({ latent }) => String(latent) },
        {
          head: "explanation",
          cell: ({ explanation }) => explanation ?? "none that could be used",
        },
        ...SCORES.map(
          (score): Column<Latent> => ({
            head: score,
            kind: "number",
            cell: ({ scores }) => numberCell(scores[score], 3),
          }),
        ),
      ] satisfies Column<Latent>[],
      latents.slice(0, LISTED),
      true,
    ),
  );
  return section(
    "Interpretation by a language model",
    html`<p>${sentence(found)}</p>`,
    table("Mean scores by member", columns, found.members),
    ...listed,
  );
}
