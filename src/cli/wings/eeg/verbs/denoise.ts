/** @file What is typed behind `concord denoise`: arguments, options and examples. */

import { type Command, InvalidArgumentError } from "commander";
import { addVerb, lazily } from "../../../verb.ts";

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("Expected a share from 0 to below 1.");
  return value;
}

export function addDenoise(program: Command): void {
  addVerb(program, "denoise", {
    group: "saes",
    library: "denoiseRecording",
    summary: "write a copy of an EEG recording denoised by SAEs that were trained on EEG windows",
    examples: [
      [
        "denoise in.edf -o out.edf --sae runs/eeg/saes/member-0",
        "annotations, gaps, calibration and channels that the SAE does not know stay as they are",
      ],
      [
        "denoise in.edf -o out.edf --sae runs/eeg/saes/member-* --json",
        "the mean of a population's members; what was done, for another program",
      ],
    ],
  })
    .argument("<file>", "EDF or BDF file, of any rate that carries the SAE's band")
    .requiredOption("-o, --out <file>", "the copy, of the same format; replaced when it is there")
    .requiredOption("--sae <folders...>", "trained by concord run on a source of kind eeg")
    .option("--overlap <share>", "of a window with the next", share, 0.75)
    .option(
      "--restore-reference",
      "add the average over channels back, noise included, where the SAE was trained without it",
    )
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/denoise.ts")).denoise));
}
