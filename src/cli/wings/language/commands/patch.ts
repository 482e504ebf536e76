/** @file concord patch: which latents carry a task, and how many of each dictionary it takes. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { shortName } from "../../../../domains/language/analyses/model-behind.ts";
import { patchTask } from "../../../../domains/language/causal/patching/patch-task.ts";
import {
  type PatchedDictionary,
  patchedDictionarySchema,
} from "../../../../domains/language/causal/patching/result.ts";
import { openTask } from "../../../../domains/language/causal/tasks/task.ts";
import { patchingFigures } from "../../../../domains/language/figures/patching-figures.ts";
import { pauseFor } from "../../../../experiments/analyse-run.ts";
import { renderFigure } from "../../../../figures/plot/render.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { makeFolder } from "../../../../formats/make-folder.ts";
import { table } from "../../../output.ts";
import { print, say, warn } from "../../../print.ts";
import { openPlaced } from "./open-placed.ts";
import { patchingTables } from "./patching-tables.ts";

interface Options {
  readonly task: string;
  readonly pairs: number;
  readonly search: "effect" | "threshold";
  readonly thresholds: number;
  readonly minAccuracy: number;
  readonly seed: number;
  readonly model?: string;
  readonly hook?: string;
  readonly root: string;
  readonly out: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const asFileName = (name: string) => name.replaceAll(/[^\w.=-]+/g, "_");

/** What is kept of a dictionary, if it is of the same key and whole. */
async function knownIn(path: string, key: string): Promise<PatchedDictionary | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    const parsed = patchedDictionarySchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success && parsed.data.key === key ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export async function patch(names: string[], options: Options): Promise<void> {
  const task = await openTask(options.task);
  const placed = await openPlaced(names, options);
  const { saes, model, hook, backend, catalogue, signal, line } = placed;
  const parts = join(options.out, `${task.name}.parts`);
  const partOf = (name: string) => join(parts, `${asFileName(name)}.json`);
  await makeFolder(parts);
  const { pairs, seed, search, minAccuracy } = options;
  const result = await patchTask(backend, {
    model,
    hook,
    task,
    saes,
    pairs,
    seed,
    search,
    minAccuracy,
    thresholds: options.thresholds,
    catalogue,
    threads: backend.threads,
    pause: () => pauseFor(signal),
    onProgress: (name, done, total) => line.update(() => `${name}: ${done} of ${total}`),
    known: (name, key) => knownIn(partOf(name), key),
    onDictionary: (found) => writeFileAtomically(partOf(found.name), `${JSON.stringify(found)}\n`),
  }).finally(() => placed.clear());
  const text = JSON.stringify(result);
  const written = [join(options.out, `${task.name}.json`)];
  await writeFileAtomically(written[0]!, `${text}\n`);
  for (const [name, figure] of Object.entries(patchingFigures(result))) {
    const path = join(options.out, `${task.name}-${name}.svg`);
    await writeFileAtomically(path, renderFigure(figure));
    written.push(path);
  }
  for (const word of result.left_out)
    warn(`"${word}" is several tokens in ${shortName(model)}, so no prompt asks for it.`);
  if (options.json) return void print(`${text}\n`);
  print(
    `${patchingTables(result)
      .map(({ header, rows }) => table(header, rows))
      .join("\n\n")}\n`,
  );
  say(`${written.join("\n")}\n`);
}
