/** @file What a study file exports, checked: misspelt names are found before training. */

import { z } from "zod";
import { ConcordError } from "../../errors.ts";
import { issueText } from "../../formats/issue-text.ts";
import { figureSchema, namesOfFigure } from "./figures/kinds.ts";
import { MEASURES } from "./measures.ts";
import type { Comparison, Experiment, Study, StudyColumn, StudyRow } from "./study.ts";

const text = z.string().min(1);
const texts = z.array(text);
const callable = z.custom<(...args: never[]) => unknown>((v) => typeof v === "function", {
  error: "expected a function",
});
/** Names stand in placeholders between spaces, and are folders. */
const name = z.string().regex(/^[\w.=-]+$/, {
  error: "expected a name of letters, digits, dots, dashes and underscores",
});

const arm = z.strictObject({
  title: text,
  settings: texts.optional(),
  config: text.optional(),
  seeds: z.array(z.int()).min(1).optional(),
  baseline: text.optional(),
  computeOf: texts.min(1).optional(),
  meanOf: texts.min(1).optional(),
});

const measure = z.strictObject({
  name,
  label: text,
  show: z.enum(["number", "percent", "change"]).optional(),
  of: callable,
});

const comparison = z.strictObject({
  measure: text,
  arm: text,
  against: text.optional(),
  with: z.number().optional(),
  as: z.enum(["difference", "change"]).optional(),
});

const column = z.strictObject({
  measure: text,
  head: text.optional(),
  change: text.optional(),
  difference: text.optional(),
  nullInCells: z.boolean().optional(),
  only: texts.optional(),
});

const row = z.strictObject({
  arm: text,
  title: text.optional(),
  against: text.optional(),
  words: z.array(z.string()).optional(),
});

const experiment = z.strictObject({
  kind: z.literal("experiment").optional(),
  title: text,
  question: text,
  config: text.optional(),
  settings: texts.optional(),
  inputs: z.record(name, text).optional(),
  seeds: z.array(z.int()).min(1),
  seedsAre: z.enum(["runs", "members"]).optional(),
  arms: z.record(name, arm),
  baseline: text.optional(),
  measures: z.array(z.union([text, measure])).min(1),
  verdicts: z.record(name, z.union([comparison, callable])).optional(),
  tables: z
    .record(
      name,
      z.strictObject({
        head: text.optional(),
        words: texts.optional(),
        rows: z.array(z.union([text, row])),
        columns: z.array(z.union([text, column])),
      }),
    )
    .optional(),
  curves: z.array(z.strictObject({ name, of: callable })).optional(),
  figures: z.record(name, figureSchema).optional(),
  values: z.record(name, callable).optional(),
  compute: callable.optional(),
  quick: z
    .strictObject({
      seeds: z.array(z.int()).min(1).optional(),
      arms: texts.min(1).optional(),
      settings: texts.optional(),
    })
    .optional(),
});

const benchmark = z.strictObject({
  kind: z.literal("benchmark"),
  title: text,
  question: text,
  command: text,
  tables: z
    .record(name, z.strictObject({ head: texts, text: z.int().min(1).optional(), rows: callable }))
    .optional(),
  values: z.record(name, callable).optional(),
  verdicts: z.record(name, callable).optional(),
});

function refuse(where: string, problem: string, hint?: string): never {
  throw new ConcordError(
    "format/invalid",
    `${where}: ${problem}`,
    hint === undefined ? {} : { hint },
  );
}

type Named = readonly [path: string, name: string | undefined];

function armNames(study: Experiment): Named[] {
  const { arms, verdicts = {}, tables = {}, figures = {} } = study;
  const compared = Object.entries(verdicts).flatMap(([key, verdict]): Named[] => {
    if (typeof verdict === "function") return [];
    const { arm: own, against } = verdict as Comparison;
    return [
      [`verdicts.${key}.arm`, own],
      [`verdicts.${key}.against`, against],
    ];
  });
  const ofArms = Object.entries(arms).flatMap(([key, one]): Named[] => [
    [`arms.${key}.baseline`, one.baseline],
    ...(one.computeOf ?? []).map((other): Named => [`arms.${key}.computeOf`, other]),
    ...(one.meanOf ?? []).map((other): Named => [`arms.${key}.meanOf`, other]),
  ]);
  const ofTables = Object.entries(tables).flatMap(([key, { rows, columns }]) => [
    ...rows.flatMap((one): Named[] => {
      const { arm: own, against } = typeof one === "string" ? { arm: one } : (one as StudyRow);
      return [
        [`tables.${key}.rows`, own],
        [`tables.${key}.rows`, against],
      ];
    }),
    ...columns.flatMap((one): Named[] => {
      if (typeof one === "string") return [];
      const names = [one.change, one.difference, ...(one.only ?? [])];
      return names.map((other): Named => [`tables.${key}.columns`, other]);
    }),
  ]);
  const ofFigures = Object.entries(figures).flatMap(([key, figure]) =>
    (namesOfFigure(figure).arms ?? []).map((own): Named => [`figures.${key}`, own]),
  );
  const quick = (study.quick?.arms ?? []).map((other): Named => ["quick.arms", other]);
  return [
    ["baseline", study.baseline],
    ...quick,
    ...ofArms,
    ...compared,
    ...ofTables,
    ...ofFigures,
  ];
}

function measureNames({ verdicts = {}, tables = {}, figures = {} }: Experiment): Named[] {
  return [
    ...Object.entries(verdicts).flatMap(([key, verdict]): Named[] =>
      typeof verdict === "function" ? [] : [[`verdicts.${key}.measure`, verdict.measure]],
    ),
    ...Object.entries(tables).flatMap(([key, { columns }]) =>
      columns.map((one): Named => {
        const own = typeof one === "string" ? one : (one as StudyColumn).measure;
        return [`tables.${key}.columns`, own];
      }),
    ),
    ...Object.entries(figures).flatMap(([key, figure]) =>
      (namesOfFigure(figure).measures ?? []).map((own): Named => [`figures.${key}`, own]),
    ),
  ];
}

function curveNames({ figures = {} }: Experiment): Named[] {
  return Object.entries(figures).flatMap(([key, figure]) =>
    (namesOfFigure(figure).curves ?? []).map((own): Named => [`figures.${key}`, own]),
  );
}

function requireKnown(
  where: string,
  what: string,
  known: readonly string[],
  names: readonly Named[],
): void {
  for (const [path, given] of names)
    if (given !== undefined && !known.includes(given))
      refuse(
        where,
        `${path} names ${what} "${given}", which the study does not have.`,
        `It has: ${known.join(", ")}`,
      );
}

/** The members of a population count up from its seed. */
function checkMembers({ seeds, arms, compute, quick }: Experiment, where: string): void {
  const lists = [seeds, ...Object.values(arms).map((one) => one.seeds), quick?.seeds];
  if (lists.some((list) => list?.some((seed, i) => seed !== list[0]! + i)))
    refuse(where, "seeds that are members count up by one, as the members of a population do.");
  if (compute !== undefined) refuse(where, "compute has no runs whose members could be the seeds.");
}

function checkExperiment(study: Experiment, where: string): void {
  const { arms, measures, config, compute, inputs = {}, settings = [] } = study;
  const builtIn = measures.filter((m) => typeof m === "string");
  const unknown = builtIn.find((m) => !MEASURES.has(m));
  if (unknown !== undefined)
    refuse(
      where,
      `there is no measure "${unknown}".`,
      `Measures: ${[...MEASURES.keys()].join(", ")}; or an object with name, label and of.`,
    );
  const ownMeasures = measures.map((m) => (typeof m === "string" ? m : m.name));
  const twice = ownMeasures.find((m, i) => ownMeasures.indexOf(m) !== i);
  if (twice !== undefined) refuse(where, `measures names ${twice} twice.`);
  const trained = Object.entries(arms).filter(([, one]) => one.meanOf === undefined);
  if (trained.length === 0) refuse(where, "arms holds no arm with runs of its own.");
  const lacking = trained.find(([, one]) => (one.config ?? config) === undefined);
  if (compute === undefined && lacking)
    refuse(
      where,
      `the arm ${lacking[0]} has no config, and neither has the study.`,
      "Give config, or compute.",
    );
  if (study.seedsAre === "members") checkMembers(study, where);
  requireKnown(where, "the arm", Object.keys(arms), armNames(study));
  requireKnown(where, "the measure", ownMeasures, measureNames(study));
  requireKnown(
    where,
    "the curve",
    (study.curves ?? []).map((one) => one.name),
    curveNames(study),
  );
  const ofArms = Object.values(arms).flatMap((one) => one.settings ?? []);
  const named = [...settings, ...ofArms, ...(study.quick?.settings ?? [])].flatMap((setting) =>
    [...setting.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!),
  );
  const missing = named.find((input) => !Object.hasOwn(inputs, input));
  if (missing !== undefined)
    refuse(where, `a setting names the input {${missing}}, which inputs does not declare.`);
  for (const [key, one] of Object.entries(arms))
    if (one.computeOf?.some((other) => arms[other]!.computeOf || arms[other]!.meanOf))
      refuse(
        where,
        `arms.${key}.computeOf names an arm whose own length or runs depend on others.`,
      );
}

/**
 * What a study file exports, as a study.
 *
 * @param where Names the file in messages.
 * @throws {ConcordError} `format/invalid` naming the key.
 */
export function checkStudy(value: unknown, where: string): Study {
  if (typeof value !== "object" || value === null)
    refuse(
      where,
      "expected a study as the default export.",
      "export default { title, … } satisfies Study;",
    );
  const isBench = (value as { kind?: unknown }).kind === "benchmark";
  const parsed = (isBench ? benchmark : experiment).safeParse(value, { error: issueText });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const { path, message } = issue!;
    const unknown = issue!.code === "unrecognized_keys" ? `: ${issue!.keys.join(", ")}` : "";
    refuse(where, `${path.map(String).join(".") || "the study"}: ${message}${unknown}.`);
  }
  const study = value as Study;
  if (study.kind !== "benchmark") checkExperiment(study, where);
  return study;
}
