/** @file The values of the placeholders on an experiment's page. */

import { ConcordError } from "../../errors.ts";
import { count, fixed } from "../../figures/number-text.ts";
import { intervalText, outcomeText, styleOf } from "./number-words.ts";
import { FIGURES_FOLDER, type Verdict } from "./study.ts";
import type { StudyResults } from "./study-results.ts";
import { studyTable } from "./study-table.ts";
import type { Placeholder } from "./template.ts";

/** What each placeholder looks like; an error names them all. */
const FORMS: Readonly<Record<string, string>> = {
  mean: "mean ARM MEASURE",
  change: "change ARM AGAINST MEASURE",
  difference: "difference ARM AGAINST MEASURE",
  null: "null ARM MEASURE",
  verdict: "verdict NAME",
  claim: "claim NAME is OUTCOME | WORDS",
  value: "value NAME",
  table: "table NAME",
  figure: "figure NAME",
  seeds: "seeds",
  runs: "runs",
  versions: "versions",
  minutes: "minutes",
};

/** The words of a placeholder, when there are as many as its form has. */
export function wordsOf(placeholder: Placeholder, form: string): readonly string[] {
  const needed = form.split(" ").length - 1;
  if (placeholder.words.length === needed) return placeholder.words;
  throw new ConcordError(
    "argument/invalid",
    `expected {{${form}}} but received ${placeholder.words.length} words.`,
  );
}

/** An entry of a study by its name. @throws {ConcordError} naming those there are. */
export function entryOf<T>(
  all: Readonly<Record<string, T>> | undefined,
  name: string,
  what: string,
): T {
  if (all && Object.hasOwn(all, name)) return all[name]!;
  const names = Object.keys(all ?? {}).join(", ");
  throw new ConcordError("argument/invalid", `the study has no ${what} "${name}".`, {
    hint: names === "" ? `It declares no ${what}.` : `It has: ${names}`,
  });
}

/** The refusal of a placeholder that nobody knows. */
export function unknownPlaceholder(kind: string, forms: readonly string[]): ConcordError {
  return new ConcordError("argument/invalid", `there is no placeholder "${kind}".`, {
    hint: `Placeholders: ${forms.map((form) => `{{${form}}}`).join(", ")}`,
  });
}

/**
 * The words of a claim, as long as the outcome is what the page says.
 *
 * @param evidence What the outcome follows from, for the error.
 */
export function claimText(
  { words, text }: Placeholder,
  outcomeByName: (name: string) => { readonly outcome: string; readonly evidence?: string },
): string {
  const [name, is, ...stated] = words;
  if (name === undefined || is !== "is" || stated.length === 0 || !text)
    throw new ConcordError(
      "argument/invalid",
      "expected {{claim NAME is OUTCOME | WORDS}}, for example {{claim k is lower | fits better}}.",
    );
  const { outcome, evidence } = outcomeByName(name);
  if (outcome === stated.join(" ")) return text;
  throw new ConcordError(
    "argument/invalid",
    `the page states that ${name} is ${stated.join(" ")}, but the numbers say ${outcome}${evidence ? ` (${evidence})` : ""}.`,
    { hint: "Rewrite what the page says, or find out what changed the numbers." },
  );
}

function verdictOf(results: StudyResults, verdict: Verdict) {
  if (typeof verdict === "function") return { outcome: verdict(results) };
  const found = results.compared(verdict);
  const percent = verdict.as === "change" || results.measure(verdict.measure).show === "percent";
  return {
    outcome: results.outcome(verdict),
    evidence: intervalText(found, { signed: true, percent }),
  };
}

/** What computed the runs: `Concord 0.1.0 (commit abc), Node 20.20.2, native backend on avx2`. */
function versionsText({ numbers }: StudyResults): string {
  const isas = new Map<string, string[]>();
  for (const { concord, commit, node, backend, isa } of numbers.made_with) {
    const at = commit === undefined ? "" : ` (commit ${commit})`;
    const program = `Concord ${concord}${at}, Node ${node}, ${backend} backend`;
    isas.set(program, [...(isas.get(program) ?? []), isa]);
  }
  return [...isas].map(([program, all]) => `${program} on ${all.join(" and ")}`).join("; ");
}

function known(cell: ReturnType<StudyResults["cell"]>) {
  if (cell) return cell;
  throw new ConcordError("argument/invalid", "the numbers do not hold it for every seed.", {
    hint: "concord study run trains what is missing.",
  });
}

function replaced(results: StudyResults, placeholder: Placeholder): string {
  const { kind } = placeholder;
  const form = FORMS[kind];
  if (form === undefined) throw unknownPlaceholder(kind, Object.values(FORMS));
  const { study, numbers } = results;
  if (kind === "claim")
    return claimText(placeholder, (name) =>
      verdictOf(results, entryOf(study.verdicts, name, "verdict")),
    );
  const words = wordsOf(placeholder, form);
  const [first, second, third] = words as [string, string, string];
  switch (kind) {
    case "mean":
      return intervalText(known(results.cell(first, second)), styleOf(results.measure(second)));
    case "change":
      return intervalText(known(results.change(first, second, third)), {
        signed: true,
        percent: true,
      });
    case "difference":
      return intervalText(
        known(results.difference(first, second, third)),
        styleOf(results.measure(third), true),
      );
    case "null": {
      const value = results.null(first, second);
      if (value === undefined)
        throw new ConcordError("argument/invalid", `${first} has no null of ${second}.`);
      return fixed(value, 3);
    }
    case "verdict":
      return outcomeText(verdictOf(results, entryOf(study.verdicts, first, "verdict")).outcome);
    case "value":
      return entryOf(study.values, first, "value")(results);
    case "table":
      return studyTable(results, entryOf(study.tables, first, "table"));
    case "figure":
      return `![${entryOf(study.figures, first, "figure").title}](${FIGURES_FOLDER}/${first}.svg)`;
    case "seeds":
      return count(study.seeds.length);
    case "runs":
      return count(numbers.runs.length);
    case "versions":
      return versionsText(results);
    default:
      if (numbers.training_seconds === undefined)
        throw new ConcordError("argument/invalid", "the numbers do not say how long runs took.");
      return fixed(numbers.training_seconds / 60, 0);
  }
}

/** What stands in the place of an experiment's placeholders. */
export function experimentWords(results: StudyResults): (placeholder: Placeholder) => string {
  return (placeholder) => replaced(results, placeholder);
}
