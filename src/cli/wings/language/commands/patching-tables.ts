/** @file The tables of `concord patch`. */

import type { PatchingResult } from "../../../../domains/language/causal/patching/result.ts";
import { short } from "../../../output.ts";

interface Table {
  readonly header: string[];
  readonly rows: string[][];
}

/** Latents listed per dictionary. */
const LISTED = 5;

type Interval = readonly [number, number] | null;

const ends = (interval: Interval) =>
  interval ? ` [${short(interval[0])}, ${short(interval[1])}]` : "";
const estimated = (value: number | null, interval: Interval) =>
  value === null ? "not reached" : `${short(value)}${ends(interval)}`;

/** What the model does, where dictionaries stand, and how many latents each needs. */
export function patchingTables(result: PatchingResult): Table[] {
  const { score, dictionaries, against_first: against } = result;
  const { accuracy, accuracy_interval: accuracyEnds, prompts, first } = score;
  const task = {
    header: [
      `task ${result.task}`,
      "accuracy",
      "answer is the likeliest token",
      "logit difference",
    ],
    rows: [
      [
        `${result.model}, ${prompts} prompts`,
        estimated(accuracy, accuracyEnds),
        short(first),
        estimated(score.logit_difference, score.logit_difference_interval),
      ],
    ],
  };
  const whole = {
    header: [result.hook, "differing latents", "KL, none patched", "KL, all", "recovered, all"],
    rows: dictionaries.map(({ name, points, differing }) => {
      const [none, all] = [points[0]!, points.at(-1)!];
      return [
        name,
        String(differing),
        estimated(none.kl.mean, none.kl.interval),
        estimated(all.kl.mean, all.kl.interval),
        estimated(all.recovered.mean, all.recovered.interval),
      ];
    }),
  };
  const shares = dictionaries[0]!.needed.map(({ share }) => share);
  const needed = {
    header: ["latents to bring KL to", ...shares.map((share) => `${100 * share} %`)],
    rows: dictionaries.flatMap(({ name, needed, needed_drawn: drawn }) => [
      [name, ...needed.map((one) => estimated(one.latents, one.interval))],
      ["  in a drawn order", ...drawn.map((one) => estimated(one.latents, one.interval))],
    ]),
  };
  const edits = {
    header: ["size of the edit then", ...shares.map((share) => `${100 * share} %`)],
    rows: dictionaries.map(({ name, needed }) => [
      name,
      ...needed.map((one) => estimated(one.edit, one.edit_interval)),
    ]),
  };
  const strongest = {
    header: ["patched alone", "latents: by how much KL falls, nats"],
    rows: dictionaries.map(({ name, strongest: best }) => [
      name,
      best
        .slice(0, LISTED)
        .map(({ latent, effect }) => `${latent}: ${short(effect)}`)
        .join("  "),
    ]),
  };
  if (against.length === 0) return [task, whole, needed, edits, strongest];
  const ratios = {
    header: [`latents over ${dictionaries[0]!.name}'s`, ...shares.map((s) => `${100 * s} %`)],
    rows: against.map(({ name, ratios }) => [
      name,
      ...ratios.map((one) => estimated(one.ratio, one.interval)),
    ]),
  };
  return [task, whole, needed, edits, ratios, strongest];
}
