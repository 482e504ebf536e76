#!/usr/bin/env node
/** @file The command line. */

import { Command } from "commander";
import { addCollect } from "./commands/collect.ts";
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
import { exitCodeOf, failureText } from "./exit.ts";

function makeProgram(): Command {
  const program = new Command("concord")
    .description(
      "Train populations of sparse autoencoders and measure which features they agree on.",
    )
    .version(packageVersion())
    .option("--debug", "print stacks of errors")
    .showHelpAfterError("  hint: concord --help lists the commands")
    .helpCommand(false)
    .exitOverride();
  addRun(program);
  addPlan(program);
  addRuns(program);
  addShow(program);
  addReport(program);
  addModels(program);
  addCollect(program);
  addEdf(program);
  addEncode(program);
  addDoctor(program);
  addSchema(program);
  return program;
}

const program = makeProgram();
try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message already; help and version are no failures.
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) {
    process.exitCode = (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${failureText(error, program.opts()["debug"] === true)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
