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

/** Latents that a terminal shows, from the best and from the worst explained. */
const SHOWN = 5;

/** The best and the worst explained latents of a member. */
function extremes({ latents, rules, values }: InterpretationResult["members"][number]) {
  const simulation = values["simulation"] ?? [];
  const order = [...latents.keys()]
    .filter((i) => typeof simulation[i] === "number")
    .sort((i, j) => simulation[j]! - simulation[i]! || i - j);
  const few = order.length <= 2 * SHOWN;
  const shown = few ? order : [...order.slice(0, SHOWN), ...order.slice(-SHOWN)];
  return shown.map((i) => [
    latents[i]!,
    fixed(simulation[i], 3),
    fixed(values["detection"]?.[i], 3),
    rules[i]!.length === 0 ? "(no rule)" : rules[i]!.join(" or "),
  ]);
}

/** Tables for a terminal: means by score, and some latents of the first member. */
export function interpretationTables(found: InterpretationResult): readonly ResultTable[] {
  const { members } = found;
  const meanOf = (values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === "number");
    if (known.length === 0) return "";
    return fixed(
      known.reduce((sum, value) => sum + value / known.length, 0),
      3,
    );
  };
  const rows = namesOf(found).map((name) => {
    const scores = members.map((member) => member.scores[name]);
    return [
      name,
      ...scores.map((score) => fixed(score?.mean, 3)),
      meanOf(scores.map((score) => score?.control)),
      meanOf(scores.map((score) => score?.with_recurrence)),
    ];
  });
  const header = ["score", ...members.map(({ name }) => name), "control", "with recurrence"];
  const [first] = members;
  const listed = {
    title: `Best and worst explained of ${first?.name}`,
    header: ["latent", "simulation", "detection", "rules"],
    rows: first ? extremes(first) : [],
  };
  return [{ title: sentence(found), header, rows }, listed].filter((one) => one.rows.length > 0);
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
  const pairs = found.agreement;
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
          { head: "scores", kind: "text", cell: ({ scores }) => scores.join(" ~ ") },
          { head: "Spearman", kind: "number", cell: ({ spearman }) => numberCell(spearman, 3) },
        ] satisfies Column<(typeof pairs)[number]>[],
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
