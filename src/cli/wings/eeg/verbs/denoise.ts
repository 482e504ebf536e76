/** @file The command line of `concord denoise`: arguments, options and examples. */

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
        "annotations, gaps, calibration and channels unknown to the SAE stay unchanged",
      ],
      [
        "denoise in.edf -o out.edf --sae runs/eeg/saes/member-* --json",
        "the mean over a population's members, with a JSON account for programs",
      ],
    ],
  })
    .argument("<file>", "EDF or BDF file whose sampling rate covers the SAE's band")
    .requiredOption(
      "-o, --out <file>",
      "the copy, in the same format; an existing file is replaced",
    )
    .requiredOption(
      "--sae <folders...>",
      "SAE folders trained by `concord run` on a source of kind eeg",
    )
    .option("--overlap <share>", "share of each window that overlaps the next", share, 0.75)
    .option(
      "--restore-reference",
      "add back the average over channels that the SAE was trained without; this includes its noise",
    )
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/denoise.ts")).denoise));
}
