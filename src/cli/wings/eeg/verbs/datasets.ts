/** @file The command line of `concord datasets`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, byteCount, lazily, positiveInteger } from "../../../verb.ts";

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export function addDatasets(program: Command): void {
  const datasets = addVerb(program, "datasets", {
    group: "data",
    summary: "list and fetch EEG recordings",
    examples: [
      ["datasets list", "the available datasets and their terms"],
      ["datasets get eegmmidb --path S001/ --only .edf --out data/eegmmidb", "one volunteer"],
    ],
  });
  addVerb(datasets, "list", {
    group: "data",
    library: "datasetNamed",
    summary: "list the archives that recordings can be fetched from",
    examples: [["datasets list", "as a table"]],
  })
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/datasets.ts")).list));
  addVerb(datasets, "get", {
    group: "data",
    library: "downloadDataset",
    summary: "fetch recordings into a folder; run it again after a stop to continue",
    examples: [
      [
        "datasets get eegmmidb --path S001/ --path S002/ --only .edf --out data/eegmmidb",
        "two volunteers of the open dataset, without an account",
      ],
      [
        "datasets get tuh-eeg --out data/tuh-eeg",
        "the subject of the MFR paper, with EEG_USERNAME and EEG_PASSWORD set",
      ],
      ["datasets get tuh-eeg --path edf/000/ --dry-run", "list what would be fetched, with sizes"],
    ],
  })
    .argument("<dataset>", "a name from `concord datasets list`")
    .option("--path <path>", "a file or folder of the dataset; repeatable", append)
    .option("--out <folder>", "folder for the files (default: in the cache)")
    .option("--only <ending>", "only files with this ending, e.g. .edf; repeatable", append)
    .option("--limit-rate <bytes>", "most bytes per second, e.g. 500k or 2M", byteCount)
    .option("--requests-per-second <n>", "most requests per second (default: 4)", positiveInteger)
    .option("--max-size <bytes>", "most bytes to receive (default: 64G)", byteCount)
    .option(
      "--attempts <n>",
      "attempts without progress before giving up (default: 6)",
      positiveInteger,
    )
    .option(
      "--from <url>",
      "fetch from a copy of the dataset with the same paths; it receives the account",
    )
    .option("--verify", "also compute the checksums of files that exist already")
    .option("--dry-run", "list what would be fetched, without fetching")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/datasets.ts")).get));
}
