/** @file Which channels of a recording are those that an SAE's windows were made of. */

import { ConcordError } from "../../../errors.ts";
import { showNames } from "../../../formats/show-name.ts";
import { electrodesAmong, whyLacking } from "../recordings/recorded-electrodes.ts";
import type { RecordedChannel } from "../recordings/recording.ts";
import { parseChannelLabel } from "../signal/channel-labels.ts";
import { microvoltsPer } from "../signal/voltage-units.ts";
import type { EegRecipe } from "./recipe.ts";

/** The channels of one recording in a recipe's order. */
export interface RecipeChannels {
  /** Into the recording's channels. */
  readonly indices: readonly number[];
  /** µV per unit of each; 1 where the recipe's windows do not mix channels. */
  readonly microvolts: readonly number[];
  /** Hz, of all of them. */
  readonly rate: number;
}

/**
 * Finds a recipe's channels.
 *
 * Those of a `fixed` recipe by their 10–10 names, however the recording writes them. Those of a
 * `faithful` one by their labels, or else as the same electrode.
 *
 * @param where Names the recording in messages.
 * @throws {ConcordError} `argument/invalid` when one is missing or has no calibration, when they
 *   have different rates, or when their rate does not carry the recipe's band.
 */
export function recipeChannels(
  recipe: EegRecipe,
  channels: readonly RecordedChannel[],
  where: string,
): RecipeChannels {
  const found =
    recipe.variant === "fixed" ? byElectrode(recipe, channels) : byLabel(recipe, channels);
  const missing = recipe.channels.filter((_, c) => found[c] === undefined);
  if (missing.length > 0) {
    const known = recipe.variant === "fixed" ? electrodesAmong(channels) : undefined;
    const lacking = known ? whyLacking(missing, channels, known) : showNames(missing);
    throw new ConcordError(
      "argument/invalid",
      `${where} lacks ${missing.length} of the ${recipe.channels.length} channels that the SAE was trained on: ${lacking}.`,
      {
        hint: "concord edf info lists its channels and why some cannot be used; they have to be calibrated, in volts, against one reference and of one rate.",
      },
    );
  }
  const indices = found as number[];
  const used = indices.map((i) => channels[i]!);
  const rates = [...new Set(used.map((c) => c.rate))];
  if (rates.length > 1)
    throw new ConcordError(
      "argument/invalid",
      `${where} has the SAE's channels at different rates: ${rates.join(", ")} Hz.`,
    );
  const [rate] = rates;
  if (!(rate! > 2 * recipe.band.high))
    throw new ConcordError(
      "argument/invalid",
      `${where} has ${rate} Hz, which do not carry the ${recipe.band.high} Hz up to which the SAE was trained.`,
    );
  const bad = used.find((c) => !c.isCalibrated);
  if (bad)
    throw new ConcordError("argument/invalid", `${where}: "${bad.label}" has no calibration.`);
  const isFixed = recipe.variant === "fixed";
  const microvolts = used.map(({ unit }) => (isFixed ? microvoltsPer(unit)! : 1));
  return { indices, microvolts, rate: rate! };
}

function byElectrode(recipe: EegRecipe, channels: readonly RecordedChannel[]) {
  const { byName } = electrodesAmong(channels);
  return recipe.channels.map((name) => byName.get(name));
}

function byLabel(recipe: EegRecipe, channels: readonly RecordedChannel[]) {
  const taken = new Set<number>();
  const electrode = (label: string) => {
    const parsed = parseChannelLabel(label);
    return parsed.kind === "electrode" ? parsed.name : undefined;
  };
  return recipe.channels.map((label) => {
    const wanted = electrode(label);
    const same = channels.findIndex((c, i) => c.label === label && !taken.has(i));
    const alike =
      same >= 0 || wanted === undefined
        ? same
        : channels.findIndex((c, i) => electrode(c.label) === wanted && !taken.has(i));
    if (alike < 0) return undefined;
    taken.add(alike);
    return alike;
  });
}
