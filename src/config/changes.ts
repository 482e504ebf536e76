/**
 * @file The differences between the config that a run was started with and the one that it
 *   continues with.
 */

import { isObject } from "../base/json.ts";

/** A key whose value changed, by its path in the YAML: `training.steps`. */
export interface KeyChange {
  readonly key: string;
  /** Undefined when the key was not set. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Keys that may change when a run continues: its length, what it writes, and the backend. Every
 * other key would have changed the steps already taken.
 */
export const RESUMABLE_KEYS: readonly string[] = [
  "training.steps",
  "training.tokens",
  "training.epochs",
  "training.log_every",
  "training.agreement_every",
  "training.checkpoint_every",
  "training.keep_checkpoints",
  "backend.kind",
  "backend.isa",
  "backend.threads",
  "runs_folder",
  "loggers",
  "analyses",
  "consensus",
  "consensus.min_members",
  "consensus.tau",
  "consensus.refit_steps",
  "consensus.train_atoms",
  "consensus.fill",
];

/** The keys for the length of training; a config has one of them. */
export const LENGTH_KEYS: readonly string[] = RESUMABLE_KEYS.slice(0, 3);

/** Every key in which two plain values differ. */
export function keyChanges(before: unknown, after: unknown, key = ""): KeyChange[] {
  if (!isObject(before) || !isObject(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ key, before, after }];
  const [a, b] = [before, after];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((inner) =>
    keyChanges(a[inner], b[inner], key === "" ? inner : `${key}.${inner}`),
  );
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "not set";
}

/** `coupling.weight is 0 there and 1 here` */
export function differenceText({ key, before, after }: KeyChange): string {
  return `${key} is ${text(before)} there and ${text(after)} here`;
}

/** `training.steps 1000 → 2000` */
export function changeText({ key, before, after }: KeyChange): string {
  return `${key} ${text(before)} → ${text(after)}`;
}
