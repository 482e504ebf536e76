/** @file The options of `--on`, which the commands that train have in common. */

import { type Command, Option } from "commander";
import { LAUNCHER_NAMES } from "../jobs/launcher-names.ts";
import { positiveInteger, repeated, wholeNumber } from "./verb.ts";

/** Submissions of a job that may come to nothing. */
const RETRIES = 3;

/** Adds the options that say where runs are trained. */
export function addJobOptions(command: Command): Command {
  const on = new Option("--on <launcher>", "train each run in a job of its own (docs/cluster.md)");
  return command
    .addOption(on.choices(LAUNCHER_NAMES))
    .option("--jobs <n>", "jobs at a time. Default: as many as there is room for", positiveInteger)
    .option(
      "--job <key=value>",
      "a key of the launcher's section in cluster.yaml; repeatable",
      repeated,
      [],
    )
    .option("--cluster <file>", "settings of launchers. Default: cluster.yaml, where there is one")
    .option(
      "--retries <n>",
      "how often a job that is lost is handed out again",
      wholeNumber,
      RETRIES,
    );
}
