/** @file All runs: a table that filters and sorts, and the plot of a sweep. */

import { Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { columnDecimals, fixed } from "../../../src/figures/number-text.ts";
import type { RunLine, RunsAnswer } from "../../../src/server/api/runs.ts";
import { go, href, setQuery, useRoute } from "../../app/route.ts";
import { useDefinitions, useRuns } from "../../data/answers.ts";
import { Figure } from "../../parts/figure.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Empty, Show } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { moment, settingText } from "../../parts/words.ts";
import { tradeOff } from "./trade-off.ts";

/** Metrics of the table, in their order, where a run has them. */
const METRICS = ["fvu", "l0", "dead_fraction", "pw_mcc", "gt_mcc"];

/** Columns of settings that fit; the rest are in the run's own view. */
const MOST_SETTINGS = 6;

/** The label of a metric: its definition's, or its name. */
export function useLabels(): (metric: string) => { label: string; title: string } {
  const definitions = useDefinitions().value;
  return (metric) => {
    const known = definitions?.metrics.find(({ name }) => name === metric);
    if (!known) return { label: metric, title: "" };
    const arrow = { lower: "\u00a0↓", higher: "\u00a0↑", neither: "" }[known.better];
    return { label: `${known.label}${arrow}`, title: `${known.summary} ${known.formula}` };
  };
}

/** Runs whose name, settings or data contain every word. */
function matching(runs: readonly RunLine[], text: string): readonly RunLine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = ({ name, status, data, settings }: RunLine) =>
    `${name} ${status} ${data ?? ""} ${Object.entries(settings)
      .map(([key, value]) => `${key}=${settingText(value)}`)
      .join(" ")}`.toLowerCase();
  return words.length === 0
    ? runs
    : runs.filter((run) => words.every((word) => textOf(run).includes(word)));
}

/** A name that may break where its parts do. */
function BrokenName({ name }: { readonly name: string }) {
  return (
    <>
      {name.split(/(?<=[/=])|(?<=\d)(?=\.[a-z])/).map((part, i) => (
        <Fragment key={part}>
          {i > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </>
  );
}

function useColumns(
  { runs, varying }: RunsAnswer,
  picked: readonly string[],
): readonly Column<RunLine>[] {
  const label = useLabels();
  const metrics = METRICS.filter((metric) => runs.some((run) => run.metrics[metric]));
  const pick = (name: string, on: boolean) => {
    const names = on ? [...picked, name] : picked.filter((other) => other !== name);
    setQuery({ pick: names.map(encodeURIComponent).join(",") });
  };
  return [
    {
      key: "name",
      head: "Run",
      value: (run) => run.name,
      cell: (run) => (
        <span class="run-name">
          <input
            type="checkbox"
            aria-label={`Compare ${run.name}`}
            checked={picked.includes(run.name)}
            onChange={(event) => pick(run.name, event.currentTarget.checked)}
          />
          <span>
            <a href={href(["run", run.name])}>
              <BrokenName name={run.name} />
            </a>
            {run.has_features && (
              <a class="small features-link" href={href(["run", run.name, "latents"])}>
                latents
              </a>
            )}
            {run.problem !== null && <span class="small bad run-problem">{run.problem}</span>}
            {run.warnings.length > 0 && (
              <span class="small warn" title={run.warnings.join("\n")}>
                {run.warnings.length === 1 ? "1 doubt" : `${run.warnings.length} doubts`}
              </span>
            )}
          </span>
        </span>
      ),
    },
    {
      key: "status",
      head: "Status",
      value: (run) => run.status,
      cell: (run) => <Status status={run.status} steps={run.steps} total={run.total_steps} />,
    },
    ...varying.slice(0, MOST_SETTINGS).map(
      (key): Column<RunLine> => ({
        key: `s.${key}`,
        head: key.split(".").at(-1)!,
        title: key,
        isNumber: runs.some((run) => typeof run.settings[key] === "number"),
        value: (run) => {
          const value = run.settings[key];
          return typeof value === "number" ? value : settingText(value);
        },
        cell: (run) => settingText(run.settings[key]),
      }),
    ),
    ...metrics.map((metric): Column<RunLine> => {
      const decimals = columnDecimals(
        runs.map((run) => run.metrics[metric]?.value),
        3,
        3,
      );
      return {
        key: metric,
        head: label(metric).label,
        title: label(metric).title,
        isNumber: true,
        value: (run) => run.metrics[metric]?.value,
        cell: (run) => {
          const measured = run.metrics[metric];
          return (
            <>
              {fixed(measured?.value, decimals)}
              {typeof measured?.null === "number" && (
                <span class="small null beneath">null {fixed(measured.null, decimals)}</span>
              )}
            </>
          );
        },
      };
    }),
    {
      key: "curve",
      head: "FVU over steps",
      cell: ({ sparkline, name }) => (
        <Sparkline x={sparkline.step} y={sparkline.fvu} label={`FVU of ${name} over its steps`} />
      ),
    },
    {
      key: "changed",
      head: "Changed",
      value: (run) => run.changed_at,
      cell: (run) => <span class="quiet nowrap">{moment(run.changed_at)}</span>,
    },
  ];
}

function Sweep({
  runs,
  varying,
}: {
  readonly runs: readonly RunLine[];
  readonly varying: readonly string[];
}) {
  const figure = useMemo(() => tradeOff(runs, varying), [runs, varying]);
  if (!figure) return null;
  return (
    <figure class="wide-figure">
      <Figure figure={figure} />
      <figcaption>
        Sparsity and what is left unexplained, one dot per setting. Bars are 95 % intervals over
        seeds.
      </figcaption>
    </figure>
  );
}

function List({ answer }: { readonly answer: RunsAnswer }) {
  const { query } = useRoute();
  const text = query.get("q") ?? "";
  const picked = (query.get("pick") ?? "").split(",").filter(Boolean).map(decodeURIComponent);
  const columns = useColumns(answer, picked);
  const runs = useMemo(() => matching(answer.runs, text), [answer, text]);
  if (answer.runs.length === 0)
    return (
      <Empty title={`There are no runs in ${answer.folder}.`}>
        <pre>concord run configs/demo.yaml</pre>
      </Empty>
    );
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          placeholder="Filter: name, status, key=value"
          aria-label="Filter runs"
          value={text}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
        <span class="quiet small" role="status">
          {runs.length === answer.runs.length
            ? `${runs.length} runs in ${answer.folder}`
            : `${runs.length} of ${answer.runs.length} runs`}
        </span>
        <span class="grow" />
        <button
          type="button"
          disabled={picked.length < 2}
          onClick={() => go(href(["compare"], { runs: picked.map(encodeURIComponent).join(",") }))}
        >
          {picked.length < 2 ? "Pick runs to compare" : `Compare ${picked.length} runs`}
        </button>
      </div>
      <Table
        rows={runs}
        columns={columns}
        rowKey={(run) => run.name}
        caption="Runs"
        isCurrent={(run) => picked.includes(run.name)}
      />
      <Sweep runs={runs} varying={answer.varying} />
    </>
  );
}

/** The list of runs. */
export function Runs() {
  return (
    <article class="runs">
      <h1 tabIndex={-1}>Runs</h1>
      <Show answer={useRuns()} what="runs">
        {(answer) => <List answer={answer} />}
      </Show>
    </article>
  );
}
