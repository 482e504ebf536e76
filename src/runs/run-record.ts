/**
 * @file run.json: the one file of a run that tells of machines and moments. In `snake_case` on
 *   disk, turned around here.
 */

import { z } from "zod";
import { given } from "../base/given.ts";
import type { RowNormalization } from "../base/row-normalization.ts";
import { FormatError } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import { camelKeys, snakeKeys } from "../formats/key-case.ts";

const STATUSES = ["running", "interrupted", "failed", "finished"] as const;
export type RunStatus = (typeof STATUSES)[number];

/** One process that worked on the run. */
export interface RunAttempt {
  readonly startedAt: string;
  endedAt?: string;
  readonly host: string;
  readonly pid: number;
  /** Step from which it went on. */
  readonly fromStep: number;
  /** Step that it reached. */
  toStep?: number;
  /** Time spent in its steps; missing when it was killed before it could say. */
  trainingSeconds?: number;
  error?: string;
}

/** A change of the config with which a run went on. */
export interface ConfigChange {
  readonly changedAt: string;
  /** Steps taken by then. */
  readonly fromStep: number;
  readonly changes: readonly {
    readonly key: string;
    readonly before?: unknown;
    readonly after?: unknown;
  }[];
}

export interface RunRecord {
  readonly name: string;
  status: RunStatus;
  readonly createdAt: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly backend: { readonly name: string; readonly isa: string; readonly threads: number };
  readonly attempts: readonly RunAttempt[];
  /** Changes of the config, the first one first; missing without any. */
  configChanges?: readonly ConfigChange[];
  /** Where the activations come from. */
  provenance?: Readonly<Record<string, unknown>>;
  totalSteps?: number;
  /** What was done to the rows of training; undefined: nothing. */
  normalization?: RowNormalization;
  /** SHA-256 of the saved SAEs that members started from, by folder as the config names it. */
  initFrom?: Readonly<Record<string, string>>;
  /**
   * What `concord plan` says of this config once its activations are there; collecting them may
   * take more.
   */
  planned?: Readonly<Record<string, number>>;
  /**
   * What it really was. `peak_memory_bytes` is the most memory of the process that was resident
   * from the beginning of the run to its end, collecting included. Runs before it in the same
   * process do not count. It is that of the attempt that took most. On systems other than Linux,
   * since the process started.
   */
  measured?: Readonly<Record<string, number>>;
}

const FORMAT = 2;
const numbers = z.record(z.string(), z.number());

const attempt = z.object({
  started_at: z.string(),
  ended_at: z.string().optional(),
  host: z.string(),
  pid: z.number(),
  from_step: z.number(),
  to_step: z.number().optional(),
  training_seconds: z.number().optional(),
  error: z.string().optional(),
});

const configChange = z.object({
  changed_at: z.string(),
  from_step: z.number(),
  changes: z.array(
    z.object({ key: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
  ),
});

/**
 * run.json as it stands. Keys that it does not know are kept out of the way: a newer Concord may
 * have written them.
 */
const file = z.object({
  format: z.literal(FORMAT),
  name: z.string(),
  status: z.enum(STATUSES),
  created_at: z.string(),
  versions: z.record(z.string(), z.string()),
  backend: z.object({ name: z.string(), isa: z.string(), threads: z.number() }),
  attempts: z.array(attempt),
  config_changes: z.array(configChange).optional(),
  provenance: z.record(z.string(), z.unknown()).optional(),
  total_steps: z.number().optional(),
  normalization: z
    .union([
      z.literal("layer_norm"),
      z.strictObject({ factor: z.number().gt(0), shift: z.number().optional() }),
    ])
    .optional(),
  init_from: z.record(z.string(), z.string()).optional(),
  planned: numbers.optional(),
  measured: numbers.optional(),
});

export type RunRecordFile = z.infer<typeof file>;

/** The record as run.json holds it. */
export function recordFile(record: RunRecord): RunRecordFile {
  const { name, status, versions, backend, provenance, planned, measured } = record;
  // Optional keys that are absent are undefined here, and not in the file.
  const attempts = record.attempts.map((a) => ({
    started_at: a.startedAt,
    ended_at: a.endedAt,
    host: a.host,
    pid: a.pid,
    from_step: a.fromStep,
    to_step: a.toStep,
    training_seconds: a.trainingSeconds,
    error: a.error,
  }));
  const changes = record.configChanges?.map((c) => ({
    changed_at: c.changedAt,
    from_step: c.fromStep,
    changes: [...c.changes],
  }));
  return {
    format: FORMAT,
    name,
    status,
    created_at: record.createdAt,
    versions,
    backend,
    attempts,
    config_changes: changes,
    total_steps: record.totalSteps,
    planned,
    measured,
    normalization: record.normalization as RunRecordFile["normalization"],
    init_from: record.initFrom,
    provenance: snakeKeys(provenance) as RunRecordFile["provenance"],
  };
}

/**
 * The record that a parsed run.json holds.
 *
 * @param where Names the file in messages.
 * @throws {FormatError} naming the key that is missing or something else.
 */
export function parseRecord(value: unknown, where: string): RunRecord {
  const parsed = file.safeParse(value, { error: issueText });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new FormatError(where, `${path.map(String).join(".") || "the record"}: ${message}.`);
  }
  const {
    created_at,
    total_steps,
    init_from,
    attempts,
    config_changes,
    format: _,
    ...rest
  } = parsed.data;
  const record = {
    ...rest,
    createdAt: created_at,
    totalSteps: total_steps,
    initFrom: init_from,
    provenance: lifted(rest.provenance),
    configChanges: config_changes?.map((c) => ({
      changedAt: c.changed_at,
      fromStep: c.from_step,
      changes: c.changes,
    })),
    attempts: attempts.map((a) =>
      given({
        startedAt: a.started_at,
        endedAt: a.ended_at,
        host: a.host,
        pid: a.pid,
        fromStep: a.from_step,
        toStep: a.to_step,
        trainingSeconds: a.training_seconds,
        error: a.error,
      }),
    ),
  };
  return given(record) as RunRecord;
}

/**
 * Provenance in camelCase; that of a store's rows, which the first runs kept below `collectedFrom`,
 * where it belongs.
 */
function lifted(provenance: RunRecord["provenance"]): RunRecord["provenance"] {
  const known = camelKeys(provenance) as RunRecord["provenance"];
  const { collectedFrom, ...store } = known ?? {};
  if (typeof collectedFrom !== "object" || collectedFrom === null) return known;
  return { ...store, ...collectedFrom };
}
