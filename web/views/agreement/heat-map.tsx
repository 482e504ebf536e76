/** @file Members against members: the MCC of each pair as a cell of a table. */

import type { AgreementAnswer } from "../../../src/server/api/agreement.ts";
import { unit } from "../../parts/words.ts";

/** A pair that was compared. */
export type Pair = AgreementAnswer["pairs"][number];

/** Steps of the palette's ramp. */
const STEPS = 9;

/** Step of the ramp of an MCC: from its null to 1. */
function step(mcc: number, nothing: number): number {
  const t = (mcc - nothing) / (1 - nothing || 1);
  return Math.min(STEPS - 1, Math.max(0, Math.round(t * (STEPS - 1))));
}

/** The table. A click on a cell chooses its pair. */
export function HeatMap({
  answer,
  chosen,
  onChoose,
}: {
  readonly answer: AgreementAnswer;
  readonly chosen: Pair | undefined;
  readonly onChoose: (pair: Pair) => void;
}) {
  const { members, pairs } = answer;
  const find = (a: string, b: string) =>
    pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a));
  const nulls = pairs.flatMap(({ mcc_null }) => mcc_null ?? []);
  const nothing = nulls.length === 0 ? 0 : nulls.reduce((a, b) => a + b, 0) / nulls.length;
  return (
    <figure class="heat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section class="table" aria-label="MCC of each pair of members" tabIndex={0}>
        <table>
          <caption class="unseen">MCC of each pair of members</caption>
          <thead>
            <tr>
              <td />
              {members.map(({ name }) => (
                <th key={name} scope="col">
                  <span>{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {members.map(({ name: a }) => (
              <tr key={a}>
                <th scope="row">{a}</th>
                {members.map(({ name: b }) => {
                  const pair = find(a, b);
                  if (a === b) return <td key={b} class="self" />;
                  if (!pair || pair.mcc === null)
                    return (
                      <td key={b} class="quiet">
                        –
                      </td>
                    );
                  const s = step(pair.mcc, nothing);
                  return (
                    <td key={b}>
                      <button
                        type="button"
                        style={`background:var(--fig-h${s});color:var(--fig-hi${s})`}
                        aria-pressed={pair === chosen}
                        aria-label={`${a} and ${b}: MCC ${unit(pair.mcc)}, null ${unit(pair.mcc_null)}`}
                        onClick={() => onChoose(pair)}
                      >
                        {unit(pair.mcc)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <figcaption>
        MCC: mean cosine of atoms matched one to one. The palest cells are at the{" "}
        <span class="null">null, {unit(nothing)}</span>.
      </figcaption>
    </figure>
  );
}
