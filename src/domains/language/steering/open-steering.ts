/**
 * @file A language model that is steered: directions are added to its activations at a hook, and it
 *   goes on by the likeliest token. The unsteered text is made the same way, with nothing added.
 */

import { ConcordError, expected, ShapeError } from "../../../errors.ts";
import type {
  Continuation,
  Steered,
  Steering,
  SteeringContext,
  SteeringRequest,
} from "../../steering.ts";
import { shortName } from "../analyses/model-behind.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { lastLogits } from "../models/last-logits.ts";
import { type NamedModel, openModelByName } from "../models/open-by-name.ts";
import { tokenBatch } from "../text/token-batch.ts";
import type { TextTokenizer } from "../text/tokenizer.ts";
import { changeRows } from "./change-rows.ts";
import { effectsOnText } from "./effects.ts";

/** Most bytes of the logits of one step: of all texts, at every position. */
const LOGIT_BYTES = 2 ** 28;

/** Positions that are allowed however large the vocabulary is. */
const FEWEST_POSITIONS = 64;

/**
 * Opens a model for steering at a hook.
 *
 * @param name As `openModelByName` takes it.
 * @throws {ConcordError} of opening the model; `hook/missing`; `model/unsupported` for one that
 *   does not continue texts.
 */
export async function openSteering(
  name: string,
  hook: string,
  { catalogue, threads }: SteeringContext,
): Promise<Steering> {
  const named = await openModelByName(name, { catalogue, threads });
  try {
    requireWriter(named, name);
    const width = await named.model.width(hook);
    return {
      model: shortName(name),
      hook,
      continue: (request) => continueAll(named, hook, width, request),
      effects: (request) => effectsOnText(named, hook, width, request),
      close: () => named.model.close(),
    };
  } catch (error) {
    await named.model.close();
    throw error;
  }
}

/** @throws {ConcordError} `model/unsupported` for a model that does not continue texts. */
export function requireWriter({ tokenizer }: NamedModel, name: string): void {
  if (tokenizer.around.after.length > 0)
    throw new ConcordError(
      "model/unsupported",
      `${shortName(name)} reads whole texts and does not continue them, so it cannot be steered.`,
    );
}

/** Positions that fit into the model's context and into memory. */
function mostPositions(
  { facts }: LanguageModel,
  { vocabularySize }: TextTokenizer,
  texts: number,
): number {
  const perPosition = texts * 4 * (facts.vocabularySize ?? vocabularySize);
  const inMemory = Math.max(FEWEST_POSITIONS, Math.floor(LOGIT_BYTES / perPosition));
  return Math.min(inMemory, facts.contextLength ?? inMemory);
}

/** Continues a prompt without and with each change; see `Steering.continue`. */
export async function continueAll(
  { model, tokenizer }: NamedModel,
  hook: string,
  width: number,
  request: SteeringRequest,
): Promise<Steered> {
  const { prompt, tokens, changes, signal } = request;
  for (const { direction } of changes)
    if (direction.length !== width)
      throw new ShapeError("steering", `a direction of ${width} elements`, `${direction.length}`);
  const count = 1 + changes.length;
  const { before } = tokenizer.around;
  const { separatorId, specialIds } = tokenizer;
  const start = before.length === 0 && separatorId !== undefined ? [separatorId] : [...before];
  const asked = [...tokenizer.encode(prompt)];
  const most = mostPositions(model, tokenizer, count);
  const room = most - start.length - asked.length;
  if (asked.length === 0) throw expected("prompt", "at least one token", prompt);
  if (room < 1)
    throw new ConcordError(
      "argument/invalid",
      `Expected a prompt of fewer than ${most - start.length} tokens but received ${asked.length}.`,
      { hint: "Shorten the prompt." },
    );
  const steps = Math.min(tokens, room);
  const texts = Array.from({ length: count }, () => [...start, ...asked]);
  const logitsOf = lastLogits(model, hook);
  for (let step = 0; step < steps; step++) {
    if (signal?.aborted)
      throw new ConcordError("interrupted", "Nobody waits for the text any more.");
    const positions = texts[0]!.length;
    const batch = tokenBatch(Int32Array.from(texts.flat()), count, positions);
    const rows = await model.activations(hook, batch);
    for (const [i, change] of changes.entries()) {
      const own = rows.subarray((i + 1) * positions * width, (i + 2) * positions * width);
      await changeRows(own, texts[i + 1]!, specialIds, change);
    }
    const logits = await logitsOf(batch, rows);
    const vocabulary = logits.length / count;
    // Some models have room for more tokens than there are.
    const known = Math.min(vocabulary, tokenizer.vocabularySize);
    for (const [t, text] of texts.entries())
      text.push(likeliest(logits.subarray(t * vocabulary, t * vocabulary + known)));
    // What follows the end of a text is cut off below.
    if (texts.every((text) => text.slice(-step - 1).some((id) => specialIds.has(id)))) break;
  }
  const [unsteered, ...steered] = texts.map((text) => {
    const written = text.slice(start.length + asked.length);
    const end = written.findIndex((id) => specialIds.has(id));
    return continuation(tokenizer, asked, end === -1 ? written : written.slice(0, end));
  });
  return {
    promptPieces: asked.map((id) => tokenizer.tokenText(id)),
    unsteered: unsteered!,
    steered,
    notes:
      steps < tokens
        ? [
            `The text ends after ${steps} of ${tokens} tokens: prompt and text have room for ${most}.`,
          ]
        : [],
  };
}

/** The token of the largest logit, the first of equal ones. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

function continuation(
  tokenizer: TextTokenizer,
  prompt: readonly number[],
  written: readonly number[],
): Continuation {
  const head = tokenizer.decode(prompt);
  const whole = tokenizer.decode([...prompt, ...written]);
  return {
    // Some tokenizers drop a space in front of a text that is decoded by itself.
    text: whole.startsWith(head) ? whole.slice(head.length) : tokenizer.decode(written),
    pieces: written.map((id) => tokenizer.tokenText(id)),
  };
}
