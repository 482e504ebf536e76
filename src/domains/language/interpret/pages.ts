/** @file Tables of interpretation scores, for reports and terminals. */

import { type Content, html, type Markup } from "../../../figures/html/html.ts";
import { section } from "../../../figures/html/page.ts";
import { type Column, definitions, numberCell, table } from "../../../figures/html/table.ts";
import { count, fixed } from "../../../figures/number-text.ts";
import type { ResultTable } from "../../analysis.ts";
import type { InterpretationResult } from "./result.ts";

/** What each score says; those of embedders begin with it. */
const MEANINGS: readonly (readonly [name: string, meaning: string])[] = [
  [
    "detection",
    "the rules tell fragments with the latent from others; balanced accuracy, chance .5",
  ],
  ["fuzzing", "the rules tell its tokens from others of the same fragment; chance .5"],
  ["simulation", "correlation of the activation that the rules expect with the real one; chance 0"],
  ["auroc", "its contexts are more like each other than like others; chance .5"],
  ["intruder", "the context of another latent is found among four of its own; chance .2"],
];

const namesOf = ({ members }: InterpretationResult) =>
  [...new Set(members.flatMap(({ scores }) => Object.keys(scores)))].sort();

function sentence(found: InterpretationResult): string {
  const { model, hook, held_out_rows: rows, fragment } = found;
  return `Latents of ${model} at ${hook}, judged by local proxies on fragments of ${fragment} tokens, ${count(rows)} tokens that training never saw. The control has the same activations in other rows.`;
}

function spread(interval: readonly [number, number] | null): string {
  return interval ? `[${fixed(interval[0], 3)}, ${fixed(interval[1], 3)}]` : "";
}

interface Line {
  readonly member: string;
  readonly score: string;
  readonly of: InterpretationResult["members"][number]["scores"][string];
}

function lines({ members }: InterpretationResult): Line[] {
  return members.flatMap(({ name, scores }) =>
    Object.entries(scores).map(([score, of]) => ({ member: name, score, of })),
  );
}

const HEADER = [
  "member",
  "score",
  "mean",
  "95 %",
  "control",
  "above control",
  "95 %",
  "with recurrence",
  "latents",
] as const;

function cells({ member, score, of }: Line): (string | number)[] {
  const { mean, interval, control, above_control: above, with_recurrence: rho } = of;
  return [
    member,
    score,
    mean,
    spread(interval),
    control ?? "",
    above?.mean ?? "",
    spread(above?.interval ?? null),
    rho ?? "",
    of.latents,
  ];
}

/** Tables for a terminal. */
export function interpretationTables(found: InterpretationResult): readonly ResultTable[] {
  const rows = lines(found).map((line) =>
    cells(line).map((cell, i) =>
      typeof cell === "number" && i < HEADER.length - 1 ? fixed(cell, 3) : cell,
    ),
  );
  const main = { title: sentence(found), header: HEADER, rows };
  const pairs = Object.entries(found.agreement).map(([pair, rho]) => [pair, fixed(rho, 3)]);
  if (pairs.length === 0) return [main];
  return [
    main,
    { title: "Scores over the same latents", header: ["scores", "Spearman"], rows: pairs },
  ];
}

/** Section of a report. */
export function interpretationSections(found: InterpretationResult): Markup {
  const { left_out: leftOut, embedders, members } = found;
  const columns = HEADER.map(
    (head, i): Column<Line> => ({
      head,
      kind: i === 0 || i === 1 ? "text" : i === 4 ? "null" : "number",
      cell: (line) => {
        const cell = cells(line)[i]!;
        return typeof cell === "number" ? numberCell(cell, i === HEADER.length - 1 ? 0 : 3) : cell;
      },
    }),
  );
  const pairs = Object.entries(found.agreement);
  const meanings: [Content, Content][] = MEANINGS.filter(([name]) =>
    namesOf(found).some((score) => score.startsWith(name)),
  ).map(([name, meaning]) => [name, meaning]);
  const unjudged = members.map(
    ({ name, unjudged: { dead, rare, dense }, latents }) =>
      `${name}: ${count(latents.length)} judged; not judged: ${count(dead)} never active, ${count(rare)} too rare, ${count(dense)} too dense.`,
  );
  return section(
    "Interpretation",
    html`<p>${sentence(found)}</p>`,
    table("Scores by member", columns, lines(found)),
    pairs.length > 0 &&
      table(
        "How scores go together",
        [
          { head: "scores", kind: "text", cell: ([pair]) => pair },
          { head: "Spearman", kind: "number", cell: ([, rho]) => numberCell(rho, 3) },
        ] satisfies Column<[string, number]>[],
        pairs,
      ),
    definitions([
      ...meanings,
      ...Object.entries(embedders).map(([name, about]): [Content, Content] => [name, about]),
      [
        "with recurrence",
        "Spearman correlation with the cosine of the nearest atom in another member",
      ],
    ]),
    html`<p>${[...unjudged, ...leftOut].join(" ")}</p>`,
  );
}
