/** @file One latent of an SAE changed in its model: what it writes then, and what that costs. */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError, expected } from "../../../errors.ts";
import { type Intervention, interventionAmounts } from "../../../sae/interventions.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import type { Effects, Steered, SteeringChange, SteeringContext } from "../../steering.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import { contextOf, openModelByName } from "../models/open-by-name.ts";
import { packText, requireTexts, type TextOptions } from "../text/pack-text.ts";
import { steeringEffects } from "./effects.ts";
import { continueAll, requireWriter } from "./open-steering.ts";

/** Rows that are encoded at a time. */
const BATCH = 256;

/** Which latent is changed, how, and what is seen of it. */
export interface SteerLatentOptions extends SteeringContext, TextOptions {
  /** Name, folder or ONNX file. */
  readonly model: string;
  readonly hook: string;
  readonly sae: Sae;
  readonly latent: number;
  readonly interventions: readonly Intervention[];
  /** Continued with each intervention; nothing is written when left out. */
  readonly prompt?: string | undefined;
  /** How many tokens to continue by. */
  readonly tokens: number;
  /** Predicted with each intervention; nothing is measured when left out. */
  readonly text?: string | readonly string[] | undefined;
  /** Tokens of the text, at most. */
  readonly maxTokens: number;
  readonly context?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly pause: () => Promise<void>;
}

/** What came of it. */
export interface SteeredLatent {
  readonly written: Steered | undefined;
  readonly effects: Effects | undefined;
}

/**
 * Changes a latent in the model that its SAE reads: see `Intervention`. The SAE's error stays in
 * the activations.
 *
 * @throws {ConcordError} `argument/invalid` for a latent that there is not, or an SAE of another
 *   width than the hook's; the errors of finding and opening model and text.
 */
export async function steerLatent(
  backend: Backend,
  options: SteerLatentOptions,
): Promise<SteeredLatent> {
  const { sae, latent, model: name, hook, catalogue, threads, prompt, signal } = options;
  const { text: texts, tokens, maxTokens, textFormat, textColumn, pause } = options;
  if (!Number.isInteger(latent) || latent < 0 || latent >= sae.dSae)
    throw expected("latent", `an integer from 0 to ${sae.dSae - 1}`, latent);
  const text = texts === undefined ? undefined : await resolveText(texts, catalogue);
  if (text) await requireTexts(text, options);
  const named = await openModelByName(name, { catalogue, threads });
  try {
    if (prompt !== undefined) requireWriter(named, name);
    const width = await named.model.width(hook);
    if (width !== sae.dIn)
      throw new ConcordError(
        "argument/invalid",
        `The SAE reads activations of d_in ${sae.dIn}, but ${hook} has ${width}.`,
        { hint: "Name the hook that it was trained on with --hook." },
      );
    const runner = await openSaeRunner(backend, sae, BATCH);
    const direction = sae.decoder.slice(latent * width, (latent + 1) * width);
    const changes = options.interventions.map((intervention): SteeringChange => {
      const amounts = interventionAmounts(sae, runner, BATCH, latent, intervention);
      return { direction, amounts };
    });
    const written =
      prompt === undefined
        ? undefined
        : await continueAll(named, hook, width, { prompt, tokens, changes, signal });
    if (!text) return { written, effects: undefined };
    const { packed } = await packText(text, {
      tokenizer: named.tokenizer,
      contextLength: contextOf(named.model, options.context),
      maxTokens,
      textFormat,
      textColumn,
      signal,
    });
    return { written, effects: await steeringEffects(named, hook, packed, changes, pause) };
  } finally {
    await named.model.close();
  }
}
