/** @file What needs features, where a run has some; else why there are none, and the command. */

import type { ComponentChildren } from "preact";
import type { FeaturesSummary } from "../../src/evidence/card.ts";
import type { RunAnswer } from "../../src/server/api/run.ts";
import { useFeatures, useRun } from "../data/answers.ts";
import { Empty, Show } from "./states.tsx";

const RESUME = "concord run <config.yaml> --resume";

function NoFeatures({ run: { name, status } }: { readonly run: RunAnswer }) {
  const command = `concord features ${name}`;
  const isWhole = status === "finished";
  return (
    <Empty title="There are no features here yet.">
      <p>
        Features are what every latent fires on, what it does, and which other members found it.
      </p>
      {status === "running" && <p>It is still training. When it has finished:</p>}
      {isWhole && <p>Nobody has looked at its latents. To look:</p>}
      {!isWhole && status !== "running" && <p>It has not finished. Go on with it, then look:</p>}
      <pre>{isWhole || status === "running" ? command : `${RESUME}\n${command}`}</pre>
    </Empty>
  );
}

function Loaded({
  name,
  children,
}: {
  readonly name: string;
  readonly children: (summary: FeaturesSummary) => ComponentChildren;
}) {
  return (
    <Show answer={useFeatures(name)} what="features">
      {children}
    </Show>
  );
}

/** Gives `children` the summary of a run's features. */
export function WithFeatures({
  name,
  children,
}: {
  readonly name: string;
  readonly children: (summary: FeaturesSummary) => ComponentChildren;
}) {
  return (
    <Show answer={useRun(name)} what={name}>
      {(run) =>
        run.has_features ? <Loaded name={name}>{children}</Loaded> : <NoFeatures run={run} />
      }
    </Show>
  );
}
