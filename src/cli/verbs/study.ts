/** @file The command line of `concord study`: arguments, options and examples. */

import { type Command, InvalidArgumentError } from "commander";
import { addJobOptions } from "../job-options.ts";
import { addVerb, lazily } from "../verb.ts";

const STUDY = "path of the study's folder or file, or its name below the folder of studies";

/** Parses `--input name=path`, once for every time it is given. */
function addInput(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError("Expected name=path, for example data=/data/rows.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const STUDIES = ["--studies <folder>", "folder of the studies", "studies"] as const;

export function addStudy(program: Command): void {
  const study = addVerb(program, "study", {
    group: "runs",
    summary: "answer a question with several runs: train, compare over seeds, write a page",
    examples: [
      ["study run examples/study", "train missing runs, then write numbers and page"],
      ["study render mfr-synthetic", "write a page again from its numbers"],
    ],
  });
  const run = addVerb(study, "run", {
    group: "runs",
    library: "runStudy",
    summary: "train the runs that a study lacks, then write its numbers.json, page and figures",
    examples: [
      ["study run examples/study", "a study of your own, by the path of its folder"],
      ["study run my-study --input data=/data/rows", "a study that needs your own data"],
      ["study run mfr-synthetic --dry-run", "list its runs, and which of them have finished"],
      ["study run universality --arms relu.l0.r8 relu.l0.r16", "some arms alone, such as new ones"],
      [
        "study run consensus --quick",
        "a reduced form of it, in minutes, below runs/consensus-quick",
      ],
      ["study run couplings --on local --jobs 4", "four of its runs at a time"],
    ],
  })
    .argument("<study>", STUDY)
    .option("--runs <folder>", "folder of the runs; finished ones are not trained again", "runs")
    .option(...STUDIES)
    .option("--input <name=path>", "an input that the study requires; repeatable", addInput, {})
    .option("--dry-run", "list the runs and train nothing; with --on, what would be handed out")
    .option(
      "--quick",
      "the study's reduced form: shows in minutes that it runs; writes below the folder of the runs",
    )
    .option(
      "--arms <names...>",
      "train and measure these arms alone; the numbers of the others stay",
    )
    .option("--offline", "do not use the network")
    .option("--json", "print only the paths of the written files, as JSON");
  addJobOptions(run).action(lazily(async () => (await import("../commands/study.ts")).run));
  addVerb(study, "render", {
    group: "runs",
    library: "writeStudyPage",
    summary: "write a study's page and figures from its numbers, and check what the page states",
    examples: [
      ["study render examples/study", "README.md and figures/ next to numbers.json"],
      ["study render mfr-synthetic --check", "fail when the page would change"],
    ],
  })
    .argument("<study>", STUDY)
    .option(...STUDIES)
    .option("--check", "write nothing; fail when the page or a figure is out of date")
    .option("--json", "print only the paths, as JSON")
    .action(lazily(async () => (await import("../commands/study.ts")).render));
  addVerb(study, "list", {
    group: "runs",
    library: "listStudies",
    summary: "list the studies in a folder with their questions",
    examples: [["study list", "the studies in ./studies"]],
  })
    .argument("[folder]", "folder of the studies", "studies")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/study.ts")).list));
}
