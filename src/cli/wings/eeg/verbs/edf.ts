/** @file The command line of `concord edf`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../../../verb.ts";

export function addEdf(program: Command): void {
  const edf = addVerb(program, "edf", {
    group: "data",
    summary: "inspect EDF, EDF+, BDF and BDF+ recordings",
    examples: [["edf info recording.edf", "header, channels, gaps and annotations"]],
  });
  addVerb(edf, "info", {
    group: "data",
    library: "edfInfo",
    summary: "print header, channels with their statistics, records, gaps and annotations",
    examples: [
      [
        "edf info recording.edf",
        "as tables; for each channel, the electrode that a source of kind eeg takes it for, or why it leaves it out",
      ],
      ["edf info recording.bdf --json", "as JSON, for programs"],
    ],
  })
    .argument("<file>", "EDF or BDF file")
    .option("--all", "print every annotation, gap and warning")
    .option("--strict", "fail at the first departure from the specification")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/edf.ts")).info));
}
