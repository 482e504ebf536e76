/** @file One run: what it is, how training goes or went, what its members reached. */

import { useMemo } from "preact/hooks";
import { count, significant } from "../../../src/figures/number-text.ts";
import type { RunAnswer } from "../../../src/server/api/run.ts";
import { href } from "../../app/route.ts";
import { useMetrics, useRun } from "../../data/answers.ts";
import { Show } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { bytes, moment, settingText } from "../../parts/words.ts";
import { useLabels } from "../runs/runs.tsx";
import { useLive } from "./live.ts";
import { Training } from "./training.tsx";

type Member = NonNullable<RunAnswer["evaluation"]>["members"][number];

const METRICS = ["fvu", "explained_variance", "l0", "l1", "mse", "dead_fraction"];

function Members({ run }: { readonly run: RunAnswer }) {
  const label = useLabels();
  const { evaluation } = run;
  const columns = useMemo(() => {
    const members = evaluation?.members ?? [];
    const known = new Set(members.flatMap(({ metrics }) => Object.keys(metrics)));
    const metrics = [
      ...METRICS.filter((m) => known.has(m)),
      ...[...known].filter((m) => !METRICS.includes(m)),
    ];
    const settings = [...new Set(members.flatMap(({ setting }) => Object.keys(setting)))];
    return [
      { key: "name", head: "Member", value: (m) => m.name, cell: (m) => m.name },
      {
        key: "architecture",
        head: "Architecture",
        value: (m) => m.architecture,
        cell: (m) => m.architecture,
      },
      { key: "seed", head: "Seed", isNumber: true, value: (m) => m.seed, cell: (m) => m.seed },
      ...settings.map(
        (key): Column<Member> => ({
          key: `s.${key}`,
          head: key,
          value: (m) => settingText(m.setting[key]),
          cell: (m) => settingText(m.setting[key]),
        }),
      ),
      ...metrics.map(
        (metric): Column<Member> => ({
          key: metric,
          head: label(metric).label,
          title: label(metric).title,
          isNumber: true,
          value: (m) => m.metrics[metric],
          cell: (m) => significant(m.metrics[metric], 3),
        }),
      ),
    ] satisfies Column<Member>[];
  }, [evaluation, label]);
  if (!evaluation) return <p class="quiet">It has not been evaluated yet.</p>;
  return (
    <>
      <Table
        rows={evaluation.members}
        columns={columns}
        rowKey={(member) => member.name}
        caption="Members"
        param="members"
      />
      <p class="small quiet">
        On {count(evaluation.rows)} held-out {run.unit}.
      </p>
    </>
  );
}

function Notices({ run }: { readonly run: RunAnswer }) {
  const { substitute, warnings, problems, notes } = run;
  return (
    <>
      {substitute !== null && (
        <div class="notice">
          <strong>A substitute</strong> {substitute}
        </div>
      )}
      {problems.map(({ part, error, hint }) => (
        <div class="problem" key={part} role="alert">
          <p class="problem-title">{part} cannot be read</p>
          <p>
            {error} {hint}
          </p>
        </div>
      ))}
      {warnings.map(({ code, message, members }) => (
        <div class="notice" key={code + message}>
          <strong>Doubtful{members.length > 0 && `: ${members.join(", ")}`}</strong> {message}
        </div>
      ))}
      {notes.map((note) => (
        <p class="quiet small" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

function Provenance({ run }: { readonly run: RunAnswer }) {
  const { backend, versions, attempts, files, config_text, measured, events } = run;
  const facts: readonly (readonly [string, string])[] = [
    ["backend", `${backend.name}, ${backend.isa}, ${backend.threads} threads`],
    ...Object.entries(versions),
    ...Object.entries(measured).map(([key, value]): [string, string] => [
      key.replaceAll("_", " "),
      key.endsWith("_bytes") ? bytes(value) : significant(value),
    ]),
  ];
  return (
    <section>
      <h2>How it was made</h2>
      <dl class="facts">
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>Processes that worked on it: {attempts.length}</summary>
        <ul class="notes">
          {attempts.map((a) => (
            <li key={a.started_at}>
              {moment(a.started_at)} on {a.host}, steps {count(a.from_step)} to{" "}
              {a.to_step === null ? "…" : count(a.to_step)}
              {a.error !== null && <span class="bad"> {a.error}</span>}
            </li>
          ))}
        </ul>
      </details>
      <details>
        <summary>Events: {count(events.count)}</summary>
        <ul class="notes mono">
          {events.first.map((event, i) => (
            <li key={i}>{JSON.stringify(event)}</li>
          ))}
        </ul>
      </details>
      <details>
        <summary>Files: {bytes(files.reduce((sum, file) => sum + file.bytes, 0))}</summary>
        <dl class="facts">
          {files.map(({ name, bytes: size }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{bytes(size)}</dd>
            </div>
          ))}
        </dl>
      </details>
      {config_text !== null && (
        <details>
          <summary>config.yaml</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
          <pre tabIndex={0}>{config_text}</pre>
        </details>
      )}
    </section>
  );
}

function Shown({ run }: { readonly run: RunAnswer }) {
  const { name, data, created_at, has_features } = run;
  const metrics = useMetrics(name);
  const live = useLive(run, metrics.value?.last_step);
  const { status, steps, total_steps } = live.status ?? run;
  return (
    <article>
      <h1 tabIndex={-1}>{name}</h1>
      <p class="byline">
        <Status status={status} steps={steps} total={total_steps} />
        {data !== null && <span>{data}</span>}
        <span>{moment(created_at)}</span>
        {has_features && <a href={href(["run", name, "latents"])}>What its latents fire on</a>}
      </p>
      <Notices run={run} />
      <Training metrics={metrics} live={live} />
      <section>
        <h2>Members</h2>
        <Members run={run} />
      </section>
      <Provenance run={run} />
    </article>
  );
}

/** The view. */
export function Run({ name }: { readonly name: string }) {
  return (
    <Show answer={useRun(name)} what={name}>
      {(run) => <Shown run={run} />}
    </Show>
  );
}
