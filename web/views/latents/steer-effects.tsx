/** @file What a change of a latent costs predictions, by strength. */

import { useMemo } from "preact/hooks";
import { lineChart } from "../../../src/figures/plot/line-chart.ts";
import type { EffectsAnswer } from "../../../src/server/api/steer.ts";
import { Figure } from "../../parts/figure.tsx";

/** KL by strength, and by how much the text gets harder to predict. */
export function SteerEffects({
  effects,
  unit,
}: {
  readonly effects: EffectsAnswer;
  readonly unit: string;
}) {
  const { tokens, effects: found, cross_entropy: before } = effects;
  const figure = useMemo(
    () =>
      lineChart({
        title: "KL by strength",
        description: `KL(unchanged ‖ changed), nats per token, over ${tokens} tokens.`,
        curves: [
          {
            name: "KL",
            points: found.map(({ strength, kl, cross_entropy: after }) => ({
              x: strength,
              y: kl,
              name: `${strength}: KL ${kl.toPrecision(3)}, cross-entropy ${(after - before).toPrecision(3)} higher`,
            })),
          },
        ],
        xLabel: unit,
        yLabel: "KL(unchanged ‖ changed), nats per token",
        marks: true,
        include: [0],
      }),
    [tokens, found, before, unit],
  );
  return (
    <div class="steer-effects">
      <h3>
        What it costs{" "}
        <span class="quiet">over the {tokens} tokens of the prompt and its text as it is</span>
      </h3>
      <Figure figure={figure} />
    </div>
  );
}
