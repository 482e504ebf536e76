/** @file What judges made of single latents, for their cards. */

import type { LatentNotes } from "../../../evidence/latent-note.ts";
import type { InterpretationResult } from "./result.ts";

/** What chance reaches, by the beginning of a score's name. */
const CHANCE: readonly (readonly [name: string, chance: number])[] = [
  ["detection", 0.5],
  ["fuzzing", 0.5],
  ["simulation", 0],
  ["auroc", 0.5],
  ["intruder", 0.2],
];

/** What chance reaches in a score; null for one that is not known. */
export const chanceOf = (score: string): number | null =>
  CHANCE.find(([name]) => score.startsWith(name))?.[1] ?? null;

/** Scores and rules of each judged latent. */
export function notesOf({ members }: InterpretationResult): LatentNotes {
  const ofMembers = members.map(({ name, latents, rules, values }) => {
    const notes = latents.map((latent, i) => {
      const scores = Object.entries(values).flatMap(([score, column]) => {
        const value = column[i];
        return typeof value === "number" ? [{ name: score, value, chance: chanceOf(score) }] : [];
      });
      const own = rules[i]!;
      const text = own.length === 0 ? "No rule explains it." : `Explained by ${own.join(" or ")}.`;
      return [String(latent), { text, scores }] as const;
    });
    return [name, Object.fromEntries(notes)] as const;
  });
  return { title: "Scored by local proxies", members: Object.fromEntries(ofMembers) };
}
