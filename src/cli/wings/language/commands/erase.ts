/** @file concord erase: what each way to erase a concept leaves of it, and what it costs. */

import { join } from "node:path";
import { eraseConcept } from "../../../../domains/language/causal/erasure/erase-concept.ts";
import { openTask } from "../../../../domains/language/causal/tasks/task.ts";
import { erasureFigures } from "../../../../domains/language/figures/erasure-figures.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { pauseFor } from "../../../../experiments/analyse-run.ts";
import { renderFigure } from "../../../../figures/plot/render.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { makeFolder } from "../../../../formats/make-folder.ts";
import { short, table } from "../../../output.ts";
import { print, say, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";
import { openPlaced } from "./open-placed.ts";

interface Options {
  readonly task: string;
  readonly pairs: number;
  readonly latents?: readonly number[];
  readonly tokens: "all" | "last";
  readonly text?: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly maxTokens: number;
  readonly minAccuracy: number;
  readonly seed: number;
  readonly model?: string;
  readonly hook?: string;
  readonly root: string;
  readonly out?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const COUNTS = [1, 2, 4, 8];

/** Accuracy of the probe below which a concept is hardly there to be erased. */
const READABLE = 0.8;

export async function erase(names: string[], options: Options): Promise<void> {
  const task = await openTask(options.task);
  const placed = await openPlaced(names, options);
  const { saes, model, hook, backend, catalogue, signal, line } = placed;
  const { text, latents = COUNTS, out } = options;
  const result = await eraseConcept(backend, {
    ...options,
    saes,
    model,
    hook,
    task,
    latents,
    catalogue,
    signal,
    text: text && oneOrMore(text),
    threads: backend.threads,
    pause: () => pauseFor(signal),
    onProgress: (name, done, total) => line.update(() => `${name}: ${done} of ${total}`),
  }).finally(() => placed.clear());
  const json = JSON.stringify(result);
  if (out !== undefined) {
    await makeFolder(out);
    const written = [join(out, `${task.name}-erasure.json`)];
    await writeFileAtomically(written[0]!, `${json}\n`);
    for (const [name, figure] of Object.entries(erasureFigures(result))) {
      const path = join(out, `${task.name}-erasure-${name}.svg`);
      await writeFileAtomically(path, renderFigure(figure));
      written.push(path);
    }
    say(`${written.join("\n")}\n`);
  }
  const { mean: before } = result.methods[0]!.probe;
  if (before < READABLE)
    warn(
      `Before anything is erased the probe reaches ${short(before)}: little of the concept lies along one direction at ${hook}, so little is said of erasing it.`,
    );
  if (options.json) return void print(`${json}\n`);
  const header = [
    result.task,
    "probe",
    "model is right",
    "logit difference",
    "KL, prompts",
    "edit",
  ];
  if (text) header.push("KL, text");
  const estimated = ({ mean, interval }: (typeof result.methods)[number]["probe"]) =>
    interval ? `${short(mean)} [${short(interval[0])}, ${short(interval[1])}]` : short(mean);
  const rows = result.methods.map((one) => [
    one.name,
    estimated(one.probe),
    estimated(one.accuracy),
    estimated(one.logit_difference),
    estimated(one.kl),
    short(one.edit),
    ...(one.text_kl === null ? [] : [short(one.text_kl)]),
  ]);
  print(`${table(header, rows)}\n`);
  say(
    `${result.model} at ${hook}; ${result.pairs} pairs, ${result.held_out_rows} held-out rows of names that nothing was fitted to; chance of the probe is .5\n`,
  );
}
