/**
 * @file A task for counterfactual prompts: templates with slots, and what fills them. A prompt and
 *   its counterfactual have one template and one filling, up to one slot that changes the answer.
 */

import { parseDocument } from "yaml";
import { z } from "zod";
import { ConcordError } from "../../../../errors.ts";
import { issueText } from "../../../../formats/issue-text.ts";
import { readText } from "../../../../formats/read-text.ts";
import { TASKS } from "./built-in.ts";

/** `{name}` in a template. */
export const SLOT = /\{([a-z_]+)\}/g;

const words = z.array(z.string().min(1)).min(1);

/** A task, as its YAML file has it. */
export const taskSchema = z.strictObject({
  name: z.string().regex(/^[\w-]+$/, "expected letters, digits, - and _"),
  summary: z.string().default(""),
  templates: z.array(z.string().min(1)).min(1).describe("texts with {slots}, up to the answer"),
  slots: z
    .record(z.string(), z.union([words, z.record(z.string(), words)]))
    .describe("what fills each slot: a list, or lists by the answer that they make right"),
  change: z.string().describe("the slot that the counterfactual fills anew"),
});

/** What prompts are made of. */
export type Task = z.output<typeof taskSchema>;

const at = (where: string, problem: string) =>
  new ConcordError("argument/invalid", `The task ${where} cannot be used: ${problem}.`, {
    hint: "docs/causal.md describes tasks.",
  });

/** The slots of a template, each once. */
export const slotsOf = (template: string) => [
  ...new Set([...template.matchAll(SLOT)].map(([, slot]) => slot!)),
];

/** @throws {ConcordError} naming a template that says nothing of the task, or an unknown slot. */
function requireWhole(task: Task, where: string): Task {
  const { templates, slots, change } = task;
  if (!Object.hasOwn(slots, change)) throw at(where, `its slots have no "${change}" to change`);
  for (const template of templates) {
    const used = slotsOf(template);
    const unknown = used.find((slot) => !Object.hasOwn(slots, slot));
    if (unknown !== undefined)
      throw at(where, `the template "${template}" has a slot {${unknown}} that nothing fills`);
    if (!used.includes(change))
      throw at(where, `the template "${template}" does not contain {${change}}`);
  }
  const values = slots[change]!;
  const answers = Array.isArray(values) ? new Set(values).size : Object.keys(values).length;
  if (answers < 2) throw at(where, `"${change}" has only one answer`);
  return task;
}

/** A task of a parsed file. @throws {ConcordError} saying where it differs from the schema. */
export function parseTask(value: unknown, where: string): Task {
  const parsed = taskSchema.safeParse(value, { error: issueText });
  if (parsed.success) return requireWhole(parsed.data, where);
  const [issue] = parsed.error.issues;
  const path = issue!.path.map(String).join(".");
  throw at(where, `${path === "" ? "" : `${path}: `}${issue!.message}`);
}

/**
 * A task by its name, or of a YAML file.
 *
 * @throws {ConcordError} listing the names that exist; of reading the file; naming what is wrong
 *   with it.
 */
export async function openTask(name: string): Promise<Task> {
  const known = TASKS.find((task) => task.name === name);
  if (known) return parseTask(known, name);
  if (!/\.ya?ml$/i.test(name))
    throw new ConcordError(
      "argument/invalid",
      `Expected ${TASKS.map((task) => task.name).join(", ")} or a YAML file for task but received "${name}".`,
      { hint: "docs/causal.md describes tasks." },
    );
  const document = parseDocument(await readText(name), { logLevel: "error" });
  const [broken] = document.errors;
  if (broken) throw at(name, `it is not YAML (${broken.message.split("\n")[0]})`);
  return parseTask(document.toJS(), name);
}
