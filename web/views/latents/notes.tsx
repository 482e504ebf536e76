/** @file What analyses say of a latent: a sentence, and scores beside chance. */

import type { LatentCard } from "../../../src/evidence/card.ts";
import { visible } from "../../parts/visible.ts";
import { unit } from "../../parts/words.ts";

/** `auroc_n_grams` as words. */
const words = (name: string) => name.replaceAll("_", " ");

/** Each analysis with what it says. */
export function Notes({ card }: { readonly card: LatentCard }) {
  return card.notes.map(({ title, text, scores }) => (
    <section key={title}>
      <h2>{visible(title)}</h2>
      {text !== "" && <p>{visible(text)}</p>}
      {scores.length > 0 && (
        <table class="rules">
          <thead>
            <tr>
              <th scope="col">Score</th>
              <th scope="col">Value</th>
              <th scope="col">Chance</th>
            </tr>
          </thead>
          <tbody>
            {scores.map(({ name, value, chance }) => (
              <tr key={name}>
                <th scope="row">{words(name)}</th>
                <td>{unit(value)}</td>
                <td class="null">{chance === null ? "–" : unit(chance)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  ));
}
