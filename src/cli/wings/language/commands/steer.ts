/** @file concord steer: a latent changed in its model, side by side with the model as it is. */

import { steerLatent } from "../../../../domains/language/steering/steer-latent.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { ConfigError } from "../../../../errors.ts";
import { pauseFor } from "../../../../experiments/analyse-run.ts";
import { findSaes } from "../../../../experiments/compare/find-saes.ts";
import { openFoundSae } from "../../../../experiments/compare/open-saes.ts";
import type { Intervention } from "../../../../sae/interventions.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { CollectLine, short, table } from "../../../output.ts";
import { print, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";
import { memberOf, parseLatent } from "./latent-of.ts";

interface Options {
  readonly prompt?: string;
  readonly tokens: number;
  readonly add?: readonly number[];
  readonly clamp?: readonly number[];
  readonly scale?: readonly number[];
  readonly ablate?: boolean;
  readonly text?: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly maxTokens: number;
  readonly context?: number;
  readonly model?: string;
  readonly hook?: string;
  readonly root: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** What is done to the latent. @throws {ConfigError} when nothing is. */
function interventionsOf({ add, clamp, scale, ablate }: Options): Intervention[] {
  const of = (kind: Intervention["kind"], values: readonly number[] = []) =>
    values.map((value): Intervention => ({ kind, value }));
  const all = [...of("add", add), ...of("clamp", clamp), ...of("scale", scale)];
  if (ablate) all.push({ kind: "scale", value: 0 });
  if (all.length > 0) return all;
  throw new ConfigError("Expected what to do to the latent.", {
    hint: "--add 5, --clamp 5, --scale 2 or --ablate; several at once make a text each.",
  });
}

/** An intervention in words. */
function wordsOf({ kind, value }: Intervention): string {
  if (kind === "add") return `${value} added`;
  if (kind === "clamp") return `clamped to ${value}`;
  return value === 0 ? "ablated" : `scaled by ${value}`;
}

/** @throws {ConfigError} when the SAE's files do not say it, nor does the command line. */
function required(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`The SAE's files do not say its ${option}.`, { hint: `Give --${option}.` });
}

const onOneLine = (text: string) => text.replaceAll("\n", "↵").replace(/\p{Cc}/gu, "�");

export async function steer(name: string, which: string, options: Options): Promise<void> {
  const interventions = interventionsOf(options);
  const { member, latent } = parseLatent(which);
  const { prompt, text } = options;
  if (prompt === undefined && text === undefined)
    throw new ConfigError("Expected --prompt, --text, or both.", {
      hint: "A prompt is continued; a text is predicted, and says what the change costs.",
    });
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, line.download, signal);
  const found = await findSaes(options.root, [name], { hub: catalogue });
  const wanted = memberOf(found, member, name);
  const { sae, modelName, hookName } = await openFoundSae(backend, wanted);
  const model = required(options.model ?? modelName, "model");
  const hook = required(options.hook ?? hookName, "hook");
  const { written, effects } = await steerLatent(backend, {
    ...options,
    model,
    hook,
    sae,
    latent,
    interventions,
    text: text && oneOrMore(text),
    catalogue,
    threads: backend.threads,
    signal,
    pause: () => pauseFor(signal),
  }).finally(() => line.clear());
  if (options.json) {
    const texts = written && {
      prompt,
      unsteered: written.unsteered,
      steered: written.steered,
      notes: written.notes,
    };
    const effect = effects && {
      tokens: effects.tokens,
      cross_entropy: effects.crossEntropy,
      changed: effects.changed.map(({ crossEntropy, divergence }) => {
        return { cross_entropy: crossEntropy, kl: divergence };
      }),
    };
    return print(`${JSON.stringify({ sae: wanted.name, latent, interventions, texts, effect })}\n`);
  }
  const lines: string[] = [];
  if (written) {
    const shown = [
      ["as it is", onOneLine(written.unsteered.text)],
      ...interventions.map((one, i) => [wordsOf(one), onOneLine(written.steered[i]!.text)]),
    ];
    lines.push(table([`${wanted.name}:${latent}`, onOneLine(prompt!)], shown), "");
    for (const note of written.notes) warn(note);
  }
  if (effects) {
    const { crossEntropy, tokens, changed } = effects;
    const row = (what: string, ce: number, kl: number) => [
      what,
      short(ce),
      short(Math.exp(ce)),
      short(kl),
    ];
    const rows = [
      row("as it is", crossEntropy, 0),
      ...changed.map((one, i) => row(wordsOf(interventions[i]!), one.crossEntropy, one.divergence)),
    ];
    const head = [`over ${tokens} tokens`, "cross-entropy", "perplexity", "KL, nats"];
    lines.push(table(head, rows), "");
  }
  print(`${lines.join("\n").trimEnd()}\n`);
}
