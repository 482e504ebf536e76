/** @file All verbs put together, in the order of `concord --help` and docs/cli.md. */

import { Command } from "commander";
import { packageVersion } from "./package-version.ts";
import { print, say } from "./print.ts";
import { addAnalyse } from "./verbs/analyse.ts";
import { addBaseline } from "./verbs/baseline.ts";
import { addCompare } from "./verbs/compare.ts";
import { addCompletion } from "./verbs/completion.ts";
import { addConsensus } from "./verbs/consensus.ts";
import { addDoctor } from "./verbs/doctor.ts";
import { addEncode } from "./verbs/encode.ts";
import { addEnsemble } from "./verbs/ensemble.ts";
import { addFeature, addFeatures } from "./verbs/features.ts";
import { addHelp } from "./verbs/help.ts";
import { addJobs } from "./verbs/jobs.ts";
import { addPlan } from "./verbs/plan.ts";
import { addReport } from "./verbs/report.ts";
import { addRun } from "./verbs/run.ts";
import { addRuns } from "./verbs/runs.ts";
import { addSaes } from "./verbs/saes.ts";
import { addSchema } from "./verbs/schema.ts";
import { addServe } from "./verbs/serve.ts";
import { addShow } from "./verbs/show.ts";
import { addStudy } from "./verbs/study.ts";
import { addSymmetry } from "./verbs/symmetry.ts";
import { addWorker } from "./verbs/worker.ts";
import { WING_VERBS } from "./wings/wings.ts";

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
  addAnalyse(program);
  addFeatures(program);
  addFeature(program);
  addReport(program);
  addServe(program);
  addStudy(program);
  addJobs(program);
  addWorker(program);
  for (const add of Object.values(WING_VERBS)) add(program);
  addSaes(program);
  addCompare(program);
  addConsensus(program);
  addEnsemble(program);
  addBaseline(program);
  addSymmetry(program);
  addEncode(program);
  addDoctor(program);
  addSchema(program);
  addCompletion(program);
  addHelp(program);
  return program;
}
