/** @file concord case: one latent studied on a text, as a page. */

import { studyLatent } from "../../../../domains/language/causal/case/case-study.ts";
import { casePage } from "../../../../domains/language/causal/case/page.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { pauseFor } from "../../../../experiments/analyse-run.ts";
import { findSaes } from "../../../../experiments/compare/find-saes.ts";
import { openFoundSae } from "../../../../experiments/compare/open-saes.ts";
import { writeFileAtomically } from "../../../../formats/atomic-file.ts";
import { snakeKeys } from "../../../../formats/key-case.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { CollectLine } from "../../../output.ts";
import { print, say } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";
import { memberOf, parseLatent } from "./latent-of.ts";
import { placeOf } from "./named-place.ts";

interface Options {
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly maxTokens: number;
  readonly regex?: readonly string[];
  readonly model?: string;
  readonly hook?: string;
  readonly root: string;
  readonly out?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function studyCase(name: string, which: string, options: Options): Promise<void> {
  const { member, latent } = parseLatent(which);
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, line.download, signal);
  const found = await findSaes(options.root, [name], { hub: catalogue });
  const opened = await openFoundSae(backend, memberOf(found, member, name));
  const study = await studyLatent(backend, {
    ...options,
    model: placeOf([opened], "model", options.model),
    hook: placeOf([opened], "hook", options.hook),
    name: opened.name,
    sae: opened.sae,
    latent,
    text: oneOrMore(options.text),
    catalogue,
    signal,
    threads: backend.threads,
    pause: () => pauseFor(signal),
  }).finally(() => line.clear());
  if (options.out !== undefined) {
    await writeFileAtomically(options.out, casePage(study));
    say(options.out);
  }
  if (options.json) return void print(`${JSON.stringify(snakeKeys(study))}\n`);
  if (options.out === undefined) print(casePage(study));
}
