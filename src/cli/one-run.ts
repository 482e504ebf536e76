/** @file The one run that a command needs a config to describe. */

import type { PlannedRun } from "../config/load-config.ts";
import { ConfigError } from "../errors.ts";

/**
 * The run of a config that describes one.
 *
 * @throws {ConfigError} for a config of several runs, of which all but one would be ignored.
 */
export function oneRun(
  planned: readonly PlannedRun[],
  path: string,
  hint = "Give a config that has single values in place of lists.",
): PlannedRun {
  const [one] = planned;
  if (one && planned.length === 1) return one;
  throw new ConfigError(`Expected the config of one run but ${path} describes ${planned.length}.`, {
    hint,
  });
}
