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

/** `auroc_n_grams` as words. */
const words = (name: string) => name.replaceAll("_", " ");

function sentence(found: InterpretationResult): string {
  const { model, hook, held_out_rows: rows, fragment } = found;
  return `Latents of ${model} at ${hook}, judged by local proxies on fragments of ${fragment} tokens, ${count(rows)} tokens that training never saw. The control has the same activations in other rows.`;
}

function spread(interval: readonly [number, number] | null): string {
  return interval ? ` [${fixed(interval[0], 2)}, ${fixed(interval[1], 2)}]` : "";
}

type Member = InterpretationResult["members"][number];
type Score = Member["scores"][string];

/** Mean of what members have of a score; undefined where none has it. */
function meanOf(
  { members }: InterpretationResult,
  name: string,
  of: (score: Score) => number | null | undefined,
): number | undefined {
  const known = members.flatMap(({ scores }) => {
    const value = scores[name] && of(scores[name]);
    return typeof value === "number" ? [value] : [];
  });
  if (known.length === 0) return undefined;
  return known.reduce((sum, value) => sum + value / known.length, 0);
}

/** Means over members that stand behind those of each. */
const OVER_MEMBERS: readonly (readonly [head: string, of: (score: Score) => number | null])[] = [
  ["control", ({ control }) => control],
  ["with recurrence", (score) => score.with_recurrence],
];

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
  const text = (value: number | undefined) => (value === undefined ? "" : fixed(value, 3));
  const rows = namesOf(found).map((name) => [
    name,
    ...members.map(({ scores }) => text(scores[name]?.mean)),
    ...OVER_MEMBERS.map(([, of]) => text(meanOf(found, name, of))),
  ]);
  const heads = OVER_MEMBERS.map(([head]) => head);
  const header = ["score", ...members.map(({ name }) => name), ...heads];
  const [first] = members;
  const listed = {
    title: `Best and worst explained of ${first?.name}`,
    header: ["latent", "simulation", "detection", "rules"],
    rows: first ? extremes(first) : [],
  };
  return [{ title: sentence(found), header, rows }, listed].filter((one) => one.rows.length > 0);
}

/** Each score beside its control. */
function scoresTable(found: InterpretationResult): Markup {
  const above = (name: string) => meanOf(found, name, (score) => score.above_control?.mean);
  const columns: Column<string>[] = [
    { head: "score", cell: (name) => words(name) },
    ...found.members.map(
      (member): Column<string> => ({
        head: member.name,
        kind: "number",
        cell(name) {
          const score = member.scores[name];
          return score ? html`${numberCell(score.mean, 3)}${spread(score.interval)}` : "";
        },
      }),
    ),
    ...OVER_MEMBERS.map(
      ([head, of]): Column<string> => ({
        head,
        kind: head === "control" ? "null" : "number",
        cell: (name) => numberCell(meanOf(found, name, of), 3),
      }),
    ),
    { head: "above control", kind: "number", cell: (name) => numberCell(above(name), 3) },
  ];
  return table("Mean scores, and 95 % over latents", columns, namesOf(found));
}

/** How scores go together, each pair once. */
function agreementTable({ agreement }: InterpretationResult, names: readonly string[]): Markup {
  const between = (a: string, b: string) =>
    agreement.find(({ scores }) => scores.includes(a) && scores.includes(b))?.spearman;
  const columns: Column<number>[] = [
    { head: "Spearman", cell: (row) => words(names[row]!) },
    ...names.slice(0, -1).map(
      (name, at): Column<number> => ({
        head: words(name),
        kind: "number",
        cell: (row) => (row > at ? numberCell(between(name, names[row]!), 2) : ""),
      }),
    ),
  ];
  const rows = [...names.keys()].slice(1);
  return table("How scores go together", columns, rows);
}

/** How many latents were judged, and why others were not. */
function judgedTable({ members }: InterpretationResult): Markup {
  const number = (head: string, of: (member: Member) => number): Column<Member> => {
    return { head, kind: "number", cell: (member) => count(of(member)) };
  };
  return table(
    "Latents",
    [
      { head: "member", cell: ({ name }) => name },
      number("judged", ({ latents }) => latents.length),
      number("never active", ({ unjudged }) => unjudged.dead),
      number("too rare", ({ unjudged }) => unjudged.rare),
      number("too dense", ({ unjudged }) => unjudged.dense),
    ],
    members,
  );
}

/** Section of a report. */
export function interpretationSections(found: InterpretationResult): Markup {
  const { left_out: leftOut, embedders, agreement } = found;
  const names = namesOf(found);
  const meanings = MEANINGS.filter(([name]) => names.some((score) => score.startsWith(name)));
  return section(
    "Interpretation",
    html`<p>${sentence(found)}</p>`,
    scoresTable(found),
    agreement.length > 0 && agreementTable(found, names),
    judgedTable(found),
    definitions([
      ...meanings,
      ...Object.entries(embedders).map(([name, about]): [Content, Content] => [words(name), about]),
      [
        "with recurrence",
        "Spearman correlation with the cosine of the nearest atom in another member, mean over members",
      ],
    ]),
    leftOut.length > 0 && html`<p>${leftOut.join(" ")}</p>`,
  );
}
