/** @file All verbs put together, in the order of `concord --help` and docs/cli.md. */

import { Command } from "commander";
import { addCollect } from "./commands/collect.ts";
import { addDatasets } from "./commands/datasets.ts";
import { addDenoise } from "./commands/denoise.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEdf } from "./commands/edf.ts";
import { addEncode } from "./commands/encode.ts";
import { addModels } from "./commands/models.ts";
import { addPlan } from "./commands/plan.ts";
import { addReport } from "./commands/report.ts";
import { addRun } from "./commands/run.ts";
import { addRuns } from "./commands/runs.ts";
import { addSchema } from "./commands/schema.ts";
import { addShow } from "./commands/show.ts";
import { packageVersion } from "./environment.ts";

/** A new command line; nothing is read or run before it parses arguments. */
export function makeProgram(): Command {
  const program = new Command("concord")
    .description(
      "Train populations of sparse autoencoders and measure which features they agree on.",
    )
    .version(packageVersion())
    .option("--debug", "print stacks of errors")
    .showHelpAfterError("  hint: concord --help lists the commands")
    .helpCommand(false)
    // Suggestions belong to the one line that an error is.
    .configureOutput({ outputError: (text, write) => write(text.replace("\n(Did", " (Did")) })
    .exitOverride();
  addRun(program);
  addPlan(program);
  addRuns(program);
  addShow(program);
  addReport(program);
  addModels(program);
  addCollect(program);
  addDatasets(program);
  addEdf(program);
  addEncode(program);
  addDenoise(program);
  addDoctor(program);
  addSchema(program);
  return program;
}
