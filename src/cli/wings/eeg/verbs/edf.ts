/** @file What is typed behind `concord edf`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../../../verb.ts";

export function addEdf(program: Command): void {
  const edf = addVerb(program, "edf", {
    group: "data",
    summary: "look into EDF, EDF+, BDF and BDF+ recordings",
    examples: [["edf info recording.edf", "header, channels, gaps and annotations"]],
  });
  addVerb(edf, "info", {
    group: "data",
    library: "edfInfo",
    summary: "print header, channels with what they hold, records, gaps and annotations",
    examples: [
      [
        "edf info recording.edf",
        "as tables, with the electrode that each channel is to a source of kind eeg, or why it is left out",
      ],
      ["edf info recording.bdf --json", "for another program"],
    ],
  })
    .argument("<file>", "EDF or BDF file")
    .option("--all", "print every annotation, gap and warning")
    .option("--strict", "fail at the first departure from the specification")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/edf.ts")).info));
}
