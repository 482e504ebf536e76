/**
 * @file How training goes: curves of all members, and while the run is watched its speed, the time
 *   left and its memory.
 */

import { useMemo } from "preact/hooks";
import { count, significant } from "../../../src/figures/number-text.ts";
import type { LiveStatus } from "../../../src/server/api/live.ts";
import type { MetricsAnswer, RunAnswer } from "../../../src/server/api/run.ts";
import { useMetrics } from "../../data/answers.ts";
import type { CurvesData } from "../../figures/specs.ts";
import { Figure } from "../../parts/figure.tsx";
import { Show } from "../../parts/states.tsx";
import { bytes, duration } from "../../parts/words.ts";
import { type Live, useLive } from "./live.ts";

/** Curves by the key of the log: label, and whether its axis is logarithmic. */
const CURVES: Readonly<Record<string, readonly [label: string, isLog: boolean]>> = {
  fvu: ["FVU", true],
  loss: ["loss", true],
  l0: ["L0", false],
  dead: ["dead latents", false],
  pw_mcc: ["PW-MCC", false],
};

/** Curves of the log with the lines that arrived since. */
function withLive(metrics: MetricsAnswer, live: Live, key: string): CurvesData["series"] {
  return metrics.members.flatMap(({ name, curves }) => {
    const curve = curves[key];
    if (!curve) return [];
    const last = curve.step.at(-1) ?? -1;
    const more = live.lines.filter(
      ({ step, members }) => step > last && typeof members[name]?.[key] === "number",
    );
    return [
      {
        name,
        step: [...curve.step, ...more.map(({ step }) => step)],
        value: [...curve.value, ...more.map(({ members }) => members[name]![key]!)],
      },
    ];
  });
}

function Curve({ data, label }: { readonly data: CurvesData; readonly label: string }) {
  return (
    <figure>
      <h3>{label}</h3>
      <Figure kind="curves" data={data} label={`${label} over the steps, a line for each member`} />
    </figure>
  );
}

function Curves({ metrics, live }: { readonly metrics: MetricsAnswer; readonly live: Live }) {
  const keys = metrics.keys.filter((key) => key in CURVES);
  const figures = useMemo(
    () =>
      keys.flatMap((key) => {
        const [label, isLog] = CURVES[key]!;
        const series = withLive(metrics, live, key).filter(({ step }) => step.length > 1);
        return series.length === 0 ? [] : [{ key, label, data: { series, label: "", isLog } }];
      }),
    [metrics, live.lines],
  );
  const coupling = useMemo(() => {
    const { step, value } = metrics.coupling_loss;
    const more = live.lines.filter(
      (line) => line.step > (step.at(-1) ?? -1) && line.coupling_loss !== null,
    );
    const series = {
      name: "coupling",
      step: [...step, ...more.map((line) => line.step)],
      value: [...value, ...more.map((line) => line.coupling_loss)],
    };
    const isCoupled = series.value.filter((v) => v !== null && v > 0).length > 1;
    return !isCoupled ? undefined : { series: [series], label: "", isLog: true };
  }, [metrics, live.lines]);
  if (figures.length === 0) return <p class="quiet">Nothing has been logged yet.</p>;
  const names = metrics.members.map(({ name }) => name);
  return (
    <>
      <ul class="legend">
        {names.slice(0, 7).map((name, i) => (
          <li key={name}>
            <span class="swatch" style={`background:var(--fig-c${i})`} aria-hidden="true" />
            {name}
          </li>
        ))}
        {names.length > 7 && <li class="quiet">and {names.length - 7} more in the same colours</li>}
      </ul>
      <div class="curves">
        {figures.map(({ key, label, data }) => (
          <Curve key={key} label={label} data={data} />
        ))}
        {coupling && <Curve label="coupling loss" data={coupling} />}
      </div>
    </>
  );
}

function Tile({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Progress({ status }: { readonly status: LiveStatus }) {
  const { steps, total_steps, per_second, eta_seconds, memory_bytes, unit } = status;
  const done = steps !== null && total_steps ? steps / total_steps : undefined;
  return (
    <div class="progress">
      {done !== undefined && (
        <progress value={done} max={1} aria-label="Steps taken">
          {significant(100 * done, 2)} %
        </progress>
      )}
      <dl class="tiles">
        {steps !== null && (
          <Tile
            label="steps"
            value={total_steps === null ? count(steps) : `${count(steps)} of ${count(total_steps)}`}
          />
        )}
        {per_second !== null && (
          <Tile label={`${unit} per second`} value={significant(per_second, 3)} />
        )}
        {eta_seconds !== null && <Tile label="time left" value={duration(eta_seconds)} />}
        {memory_bytes !== null && <Tile label="memory" value={bytes(memory_bytes)} />}
      </dl>
    </div>
  );
}

/** Curves, and while it runs what a person wants to know. */
export function Training({ run }: { readonly run: RunAnswer }) {
  const metrics = useMetrics(run.name);
  const live = useLive(run, metrics.value?.last_step);
  const died = live.status?.status === "killed" || live.status?.status === "failed";
  return (
    <section>
      <h2>
        Training{" "}
        {live.isWatching && (
          <span class="quiet">
            {live.isBroken ? "the server does not answer; trying again" : "live"}
          </span>
        )}
      </h2>
      {live.gone !== undefined && (
        <div class="problem" role="alert">
          {live.gone}
        </div>
      )}
      {live.status?.message && (
        <div class={died ? "problem" : "notice"} role="alert">
          {live.status.message}
        </div>
      )}
      {live.status && live.status.status === "running" && <Progress status={live.status} />}
      <Show answer={metrics} what="curves">
        {(logged) => <Curves metrics={logged} live={live} />}
      </Show>
    </section>
  );
}
