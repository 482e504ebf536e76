/** @file What a language model made of single latents, for their cards. */

import type { LatentNotes } from "../../../../evidence/latent-note.ts";
import { chanceOf } from "../notes.ts";
import type { ByModelResult } from "./result.ts";

/** Explanation and scores of each judged latent. */
export function notesByModel({ judge, members }: ByModelResult): LatentNotes {
  const ofMembers = members.map(({ name, latents }) => {
    const notes = latents.map(({ latent, explanation, scores }) => {
      const values = Object.entries(scores).map(([score, value]) => {
        return { name: score, value, chance: chanceOf(score) };
      });
      const text = explanation ?? "Its answer could not be used.";
      return [String(latent), { text, scores: values }] as const;
    });
    return [name, Object.fromEntries(notes)] as const;
  });
  return { title: `Explained by ${judge}`, members: Object.fromEntries(ofMembers) };
}
