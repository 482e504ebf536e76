/** @file GET /api/run: what a run's folder says. Damaged files are named; the rest is there. */

import { describeSource, domainOf } from "../../domains/domains.ts";
import { snakeKeys } from "../../formats/key-case.ts";
import { readText } from "../../formats/read-text.ts";
import { filesOf, type IsAlive, meanTimings, readConfig, stateOf } from "../../runs/overview.ts";
import { readConsistency, readEvaluation } from "../../runs/results.ts";
import { lastLogLine, logLines } from "../../runs/run-log.ts";
import { settingNotes, settingOf } from "../../runs/settings.ts";
import type { Problem } from "../api/common.ts";
import type { RunAnswer } from "../api/run.ts";
import { hasFeatures } from "../evidences.ts";
import { orProblem } from "../failure.ts";
import type { ServedRun } from "../served-folder.ts";
import { steeringOf } from "../steerings.ts";
import { finite } from "./numbers.ts";

/** Events that an answer holds. */
const MOST_EVENTS = 200;

/** What one activation of a kind of source stands for. */
export function unitOf(kind: unknown): string {
  return domainOf(kind)?.unit ?? "activations";
}

/**
 * Everything that a run's folder says, but for its logs and its latents.
 *
 * @throws {FormatError} when run.json is damaged; other files are named under `problems`.
 */
export async function runAnswer({ name, folder }: ServedRun, isAlive: IsAlive): Promise<RunAnswer> {
  const record = await folder.readRecord();
  const problems: Problem[] = [];
  const part = <T>(file: string, read: () => Promise<T>) => orProblem(file, problems, read);
  const { provenance = {}, backend } = record;
  const kind = provenance["kind"];
  const evaluation = await part("results/evaluation.json", () => readEvaluation(folder));
  const consistency = await part("results/consistency.json", () => readConsistency(folder));
  const config = await part("config.yaml", () => readConfig(folder));
  const configText = config && (await readText(folder.file("config.yaml")));
  const last = await part("metrics.jsonl", () => lastLogLine(folder, "metrics.jsonl"));
  const timings = await part("timings.jsonl", () => meanTimings(folder));
  const events = await part("events.jsonl", () => firstEvents(folder));
  const attempt = record.attempts.at(-1);
  const recorded = attempt?.toStep ?? 0;
  return {
    name,
    status: await stateOf(folder, record, isAlive),
    kind: typeof kind === "string" ? kind : null,
    data: record.provenance ? describeSource(provenance) : null,
    unit: unitOf(kind),
    substitute: substituteOf(evaluation?.substitute ?? provenance["substitute"]),
    steps: attempt?.endedAt === undefined ? Math.max(recorded, last?.step ?? 0) : recorded,
    total_steps: record.totalSteps ?? null,
    created_at: record.createdAt,
    versions: record.versions,
    backend: { name: backend.name, isa: backend.isa, threads: backend.threads },
    attempts: record.attempts.map((one) => ({
      started_at: one.startedAt,
      ended_at: one.endedAt ?? null,
      host: one.host,
      pid: one.pid,
      from_step: one.fromStep,
      to_step: one.toStep ?? null,
      error: one.error ?? null,
    })),
    provenance: snakeKeys(provenance) as RunAnswer["provenance"],
    measured: record.measured ?? {},
    config: config ?? null,
    config_text: configText ?? null,
    evaluation: evaluation
      ? {
          rows: evaluation.rows,
          members: evaluation.members.map((member) => ({
            name: member.name,
            architecture: member.architecture,
            seed: member.seed,
            coupled: member.coupled,
            label: member.label,
            setting: settingOf(member),
            metrics: Object.fromEntries(
              Object.entries(member.metrics).map(([metric, value]) => [metric, finite(value)]),
            ),
            density: {
              edges: [...member.density.edges],
              width: member.density.width,
              counts: [...member.density.counts],
              dead: member.density.dead,
            },
          })),
        }
      : null,
    warnings: (evaluation?.warnings ?? []).map(({ code, message, members = [] }) => ({
      code,
      message,
      members: [...members],
    })),
    notes: evaluation ? settingNotes(evaluation, consistency) : [],
    step_milliseconds: timings ?? null,
    events: events ?? { count: 0, first: [] },
    files: await filesOf(folder.path),
    has_features: hasFeatures(folder),
    can_steer: steeringOf(provenance) !== undefined,
    problems,
  };
}

function substituteOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

async function firstEvents(folder: ServedRun["folder"]): Promise<RunAnswer["events"]> {
  const first: RunAnswer["events"]["first"] = [];
  let count = 0;
  for await (const line of logLines(folder, "events.jsonl"))
    if (count++ < MOST_EVENTS) first.push(line);
  return { count, first };
}
