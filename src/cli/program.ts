/** @file All verbs put together, in the order of `concord --help` and docs/cli.md. */

import { Command } from "commander";
import { packageVersion } from "./package-version.ts";
import { print, say } from "./print.ts";
import { addCollect } from "./verbs/collect.ts";
import { addCompletion } from "./verbs/completion.ts";
import { addDatasets } from "./verbs/datasets.ts";
import { addDenoise } from "./verbs/denoise.ts";
import { addDoctor } from "./verbs/doctor.ts";
import { addEdf } from "./verbs/edf.ts";
import { addEncode } from "./verbs/encode.ts";
import { addHelp } from "./verbs/help.ts";
import { addModels } from "./verbs/models.ts";
import { addPlan } from "./verbs/plan.ts";
import { addReport } from "./verbs/report.ts";
import { addRun } from "./verbs/run.ts";
import { addRuns } from "./verbs/runs.ts";
import { addSchema } from "./verbs/schema.ts";
import { addShow } from "./verbs/show.ts";
import { addStudy } from "./verbs/study.ts";

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
    .configureOutput({
      writeOut: print,
      writeErr: say,
      outputError: (text, write) => write(text.replace("\n(Did", " (Did")),
    })
    .exitOverride();
  addRun(program);
  addPlan(program);
  addRuns(program);
  addShow(program);
  addReport(program);
  addStudy(program);
  addModels(program);
  addCollect(program);
  addDatasets(program);
  addEdf(program);
  addEncode(program);
  addDenoise(program);
  addDoctor(program);
  addSchema(program);
  addCompletion(program);
  addHelp(program);
  return program;
}
