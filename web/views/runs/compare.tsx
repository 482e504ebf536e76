/** @file Several runs side by side: what they were set to, what they reached, and how. */

import { useMemo } from "preact/hooks";
import { significant } from "../../../src/figures/number-text.ts";
import { lineChart } from "../../../src/figures/plot/line-chart.ts";
import type { RunLine } from "../../../src/server/api/runs.ts";
import { href, useRoute } from "../../app/route.ts";
import { useRuns } from "../../data/answers.ts";
import { Figure } from "../../parts/figure.tsx";
import { Empty, Show } from "../../parts/states.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { settingText } from "../../parts/words.ts";
import { useLabels } from "./runs.tsx";

interface Row {
  readonly key: string;
  readonly label: string;
  readonly title: string;
  readonly of: (run: RunLine) => string;
}

function Rows({
  rows,
  runs,
  caption,
  isCurrent,
}: {
  readonly rows: readonly Row[];
  readonly runs: readonly RunLine[];
  readonly caption: string;
  readonly isCurrent: (row: Row) => boolean;
}) {
  const columns: Column<Row>[] = [
    { key: "key", head: caption, cell: ({ label, title }) => <span title={title}>{label}</span> },
    ...runs.map(
      (run, i): Column<Row> => ({
        key: run.name,
        head: (
          <a href={href(["run", run.name])}>
            <span class="swatch" style={`background:var(--fig-c${i % 7})`} aria-hidden="true" />
            {run.name}
          </a>
        ),
        cell: (row) => row.of(run),
      }),
    ),
  ];
  return (
    <Table
      rows={rows}
      columns={columns}
      rowKey={(row) => row.key}
      caption={caption}
      isCurrent={isCurrent}
    />
  );
}

/** FVU of each run over its steps, the mean over its members. */
function Curves({ runs }: { readonly runs: readonly RunLine[] }) {
  const figure = useMemo(
    () =>
      lineChart({
        title: "FVU of the training batches over steps",
        description: `${runs.length} runs, each the mean over its members.`,
        curves: runs.map(({ name, sparkline: { step, fvu } }) => ({
          name,
          points: step.map((x, i) => ({ x, y: fvu[i] ?? Number.NaN })),
        })),
        xLabel: "step",
        xInclude: [0],
        yLabel: "FVU",
        yKind: "log",
      }),
    [runs],
  );
  if (runs.every(({ sparkline }) => sparkline.step.length < 2)) return null;
  return (
    <figure class="wide-figure">
      <Figure figure={figure} />
      <figcaption>FVU of the training batches, mean over members.</figcaption>
    </figure>
  );
}

function Compared({ runs }: { readonly runs: readonly RunLine[] }) {
  const label = useLabels();
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))];
  const isDifferent = (of: (run: RunLine) => string) => new Set(runs.map(of)).size > 1;
  const settings = keys.map((key): Row => {
    const of = (run: RunLine) => settingText(run.settings[key]);
    return { key, label: key, title: key, of };
  });
  const different = settings.filter(({ of }) => isDifferent(of));
  const same = settings.filter(({ of }) => !isDifferent(of));
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].map((key): Row => {
    const of = (run: RunLine) => {
      const measured = run.metrics[key];
      const beside =
        typeof measured?.null === "number" ? ` (null ${significant(measured.null, 2)})` : "";
      return `${significant(measured?.value, 3)}${beside}`;
    };
    return { key, ...label(key), of };
  });
  return (
    <>
      <Rows rows={metrics} runs={runs} caption="Results" isCurrent={() => false} />
      <Curves runs={runs} />
      <h2>Settings that differ</h2>
      <Rows rows={different} runs={runs} caption="Settings" isCurrent={() => false} />
      <details>
        <summary>{same.length} settings that are the same</summary>
        <Rows rows={same} runs={runs.slice(0, 1)} caption="Same settings" isCurrent={() => false} />
      </details>
    </>
  );
}

/** The runs that the address names. */
export function Compare() {
  const names = (useRoute().query.get("runs") ?? "")
    .split(",")
    .filter(Boolean)
    .map(decodeURIComponent);
  return (
    <article>
      <h1 tabIndex={-1}>Compare</h1>
      <Show answer={useRuns()} what="runs">
        {({ runs }) => {
          const chosen = names.flatMap((name) => runs.find((run) => run.name === name) ?? []);
          return chosen.length < 2 ? (
            <Empty title="Pick two runs or more to compare them.">
              <a href={href(["runs"])}>All runs</a>
            </Empty>
          ) : (
            <Compared runs={chosen} />
          );
        }}
      </Show>
    </article>
  );
}
