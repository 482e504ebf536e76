/**
 * @file How training goes: curves of all members, and while the run is watched its speed, the time
 *   left and its memory.
 */

import { useMemo } from "preact/hooks";
import { agreementOverSteps, type BesideNull } from "../../../src/figures/agreement-over-steps.ts";
import { count, significant } from "../../../src/figures/number-text.ts";
import { type Curve, lineChart } from "../../../src/figures/plot/line-chart.ts";
import type { Specification } from "../../../src/figures/plot/specification.ts";
import type { LiveMetrics, LiveStatus } from "../../../src/server/api/live.ts";
import type { MetricsAnswer } from "../../../src/server/api/run.ts";
import type { Answer } from "../../data/context.ts";
import { Figure } from "../../parts/figure.tsx";
import { Show } from "../../parts/states.tsx";
import { bytes, duration, settingText } from "../../parts/words.ts";
import type { Live } from "./live.ts";

/** Curves by the key of the log: label, and whether its axis is logarithmic. */
const CURVES: Readonly<Record<string, readonly [label: string, kind: "linear" | "log"]>> = {
  fvu: ["FVU", "log"],
  loss: ["loss", "log"],
  l0: ["L0", "linear"],
  dead: ["dead latents", "linear"],
};

type Steps = MetricsAnswer["coupling_loss"];

const NO_STEPS: Steps = { step: [], value: [], logged: 0 };

/** A curve of the log with what arrived since. */
function curve(
  name: string,
  { step, value, logged }: Steps = NO_STEPS,
  live: Live,
  of: (line: LiveMetrics) => number | null | undefined,
): Curve & { readonly logged: number } {
  const last = step.at(-1) ?? -1;
  const more = live.lines.flatMap((line) => {
    const y = of(line);
    return line.step > last && typeof y === "number" ? [{ x: line.step, y }] : [];
  });
  const points = [...step.map((x, i) => ({ x, y: value[i]! })), ...more];
  return { name, points, logged: logged + more.length };
}

function chart(label: string, kind: "linear" | "log", curves: readonly Curve[]): Specification {
  return lineChart({
    title: `${label} over steps`,
    description: `${curves.length} curves over the steps of training.`,
    curves,
    xLabel: "step",
    xInclude: [0],
    yLabel: label,
    yKind: kind,
    ...(kind === "linear" ? { include: [0] } : {}),
  });
}

type Setting = LiveMetrics["pw_mcc"][number]["setting"];

/** The settings that the log or what arrived since has PW-MCC of, in order, each by its text. */
function measuredSettings({ pw_mcc }: MetricsAnswer, { lines }: Live): Map<string, Setting> {
  const all = [...pw_mcc, ...lines.flatMap((line) => line.pw_mcc)];
  return new Map(all.map(({ setting }) => [JSON.stringify(setting), setting]));
}

/** PW-MCC by setting, and GT-MCC by member, where they were measured. */
function agreementCharts(metrics: MetricsAnswer, live: Live): Specification[] {
  const beside = (own: Curve & { readonly logged: number }, nothing: Curve): BesideNull[] =>
    own.logged === 0 ? [] : [{ ...own, nullPoints: nothing.points }];
  const among = [...measuredSettings(metrics, live)].flatMap(([id, setting]) => {
    const isOwn = (one: { readonly setting: Setting }) => JSON.stringify(one.setting) === id;
    const logged = metrics.pw_mcc.find(isOwn);
    const words = Object.entries(setting).map(([key, value]) => `${key} ${settingText(value)}`);
    const name = words.join(", ") || "PW-MCC";
    return beside(
      curve(name, logged?.mean, live, (line) => line.pw_mcc.find(isOwn)?.mean),
      curve(name, logged?.null, live, (line) => line.pw_mcc.find(isOwn)?.null),
    );
  });
  const truth = metrics.members.flatMap(({ name, curves }) =>
    beside(
      curve(name, curves["gt_mcc"], live, (line) => line.members[name]?.["gt_mcc"]),
      curve(name, curves["gt_mcc_null"], live, (line) => line.members[name]?.["gt_mcc_null"]),
    ),
  );
  return [
    ...(among.length > 0 ? [agreementOverSteps("PW-MCC", among)] : []),
    ...(truth.length > 0 ? [agreementOverSteps("GT-MCC", truth)] : []),
  ];
}

/** The figures of a log. */
function charts(metrics: MetricsAnswer, live: Live): Specification[] {
  const coupling = curve("coupling", metrics.coupling_loss, live, (line) => line.coupling_loss);
  const isCoupled = coupling.points.some(({ y }) => y !== 0);
  return [
    ...metrics.keys.flatMap((key) => {
      const known = Object.hasOwn(CURVES, key) ? CURVES[key] : undefined;
      if (!known) return [];
      const curves = metrics.members.flatMap(({ name, curves: all }) => {
        const logged = all[key];
        return logged ? [curve(name, logged, live, (line) => line.members[name]?.[key])] : [];
      });
      return curves.some(({ points }) => points.length > 1) ? [chart(...known, curves)] : [];
    }),
    ...agreementCharts(metrics, live),
    ...(isCoupled ? [chart("coupling loss", "linear", [coupling])] : []),
  ];
}

function Curves({ metrics, live }: { readonly metrics: MetricsAnswer; readonly live: Live }) {
  const figures = useMemo(() => charts(metrics, live), [metrics, live.lines]);
  if (figures.length === 0) return <p class="quiet">Nothing has been logged yet.</p>;
  return (
    <div class="curves">
      {figures.map((figure) => (
        <Figure key={figure.title} figure={figure} />
      ))}
    </div>
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

function watchWords({ isBroken, status }: Live): string {
  if (isBroken) return "the server does not answer; trying again";
  return status?.status === "running" ? "live" : "";
}

/** Curves, and while it runs what a person wants to know. */
export function Training({
  metrics,
  live,
}: {
  readonly metrics: Answer<MetricsAnswer>;
  readonly live: Live;
}) {
  const died = live.status?.status === "killed" || live.status?.status === "failed";
  return (
    <section>
      <h2>Training {live.isWatching && <span class="quiet">{watchWords(live)}</span>}</h2>
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
