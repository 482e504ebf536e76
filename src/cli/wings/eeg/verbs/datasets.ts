/** @file What is typed behind `concord datasets`: arguments, options and examples. */

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
      ["datasets list", "what can be asked for, and on what terms"],
      ["datasets get eegmmidb --path S001/ --only .edf --out data/eegmmidb", "one volunteer"],
    ],
  });
  addVerb(datasets, "list", {
    group: "data",
    library: "datasetNamed",
    summary: "list the archives of recordings that can be fetched from",
    examples: [["datasets list", "as a table"]],
  })
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/datasets.ts")).list));
  addVerb(datasets, "get", {
    group: "data",
    library: "downloadDataset",
    summary: "fetch recordings into a folder; run again, it goes on where it stopped",
    examples: [
      [
        "datasets get eegmmidb --path S001/ --path S002/ --only .edf --out data/eegmmidb",
        "two volunteers of the open dataset; no account needed",
      ],
      [
        "datasets get tuh-eeg --out data/tuh-eeg",
        "the subject of the MFR paper, with EEG_USERNAME and EEG_PASSWORD set",
      ],
      ["datasets get tuh-eeg --path edf/000/ --dry-run", "what would be fetched, with sizes"],
    ],
  })
    .argument("<dataset>", "a name of concord datasets list")
    .option("--path <path>", "a file or folder of the dataset; may be repeated", append)
    .option("--out <folder>", "where files go (default: in the cache)")
    .option("--only <ending>", "only files that end so, as .edf; may be repeated", append)
    .option("--limit-rate <bytes>", "at most so many bytes a second, as 500k or 2M", byteCount)
    .option("--requests-per-second <n>", "at most so many (default: 4)", positiveInteger)
    .option("--max-size <bytes>", "receive at most so much (default: 64G)", byteCount)
    .option("--attempts <n>", "tries in a row without progress (default: 6)", positiveInteger)
    .option("--from <url>", "a copy of the dataset with the same paths; an account goes there")
    .option("--verify", "compute the checksums of files that are there already, too")
    .option("--dry-run", "list what would be fetched, and fetch nothing")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/datasets.ts")).get));
}
