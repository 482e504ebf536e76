/** @file What predicts a latent: rules with precision and recall, beside what chance gives. */

import type { LatentCard } from "../../../src/evidence/card.ts";
import { visible } from "../../parts/visible.ts";
import { percent, share } from "../../parts/words.ts";

function Meter({ value, chance }: { readonly value: number; readonly chance: number }) {
  const width = (v: number) => `${Math.min(100, Math.max(0, 100 * v)).toFixed(1)}%`;
  return (
    <span class="meter" aria-hidden="true">
      <i style={`width:${width(value)}`} />
      <b style={`left:${width(chance)}`} />
    </span>
  );
}

/** The rules, best first. */
export function Rules({ card }: { readonly card: LatentCard }) {
  const { rules, density } = card;
  if (rules.length === 0) return null;
  return (
    <section>
      <h2>What predicts it</h2>
      <table class="rules">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col" title="How often the latent is active where the rule holds">
              Precision
            </th>
            <th scope="col" title="How much of the latent's activity the rule covers">
              Recall
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ kind, text, precision, recall, rows }) => (
            <tr key={text}>
              <th scope="row">
                <code>{visible(text)}</code>
                <span class="small quiet">{kind}</span>
              </th>
              <td>
                {percent(precision)}
                <Meter value={precision} chance={density} />
              </td>
              <td>
                {percent(recall)}
                <Meter value={recall} chance={rows} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small quiet">
        On rows that training never saw. Chance, <span class="null">the brown mark</span>: precision{" "}
        <span class="null">{share(density)}</span>, and for recall the share of all rows in which
        the rule holds.
      </p>
    </section>
  );
}
