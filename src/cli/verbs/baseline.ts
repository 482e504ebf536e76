/** @file The command line of `concord baseline`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { SIGN_NAMES } from "../../evaluate/baselines/signs.ts";
import { addVerb, lazily, positiveInteger, realNumber, wholeNumber } from "../verb.ts";

export function addBaseline(program: Command): void {
  addVerb(program, "baseline", {
    group: "saes",
    library: "makeBaselines",
    summary: "fit PCA, ICA and other baselines to activations, and save them as SAEs",
    examples: [
      [
        "baseline pca ica random identity --run quickstart --k 8 --out baselines",
        "four SAE folders in baselines/, evaluated next to the members of a run at equal L0",
      ],
      [
        "baseline pca --store acts --sign oriented --out pca",
        "on the rows of a store: one latent per component, oriented on these rows",
      ],
      [
        "baseline ica --config configs/demo.yaml --k 16 --max-iterations 20 --out ica",
        "on the rows of a config; concord eval then says what it costs the model",
      ],
    ],
  })
    .argument(
      "<kind...>",
      "pca, ica, nmf, random, identity or rotation; several are fitted in turn",
    )
    .requiredOption(
      "--out <folder>",
      "folder of the SAE; of several kinds, one folder for each in it",
    )
    .option("--run <run>", "fit to the training rows of a run, and evaluate its members as well")
    .option("--config <file>", "fit to the training rows of a config's source")
    .option("--store <folder>", "fit to the training rows of a store that `concord collect` wrote")
    .addOption(
      new Option(
        "--sign <sign>",
        "plus-minus: two latents per component; oriented: one, its 20 largest activations on fitting rows sum to above 0; positive: one as it comes; signed: one, with negative activations (default: plus-minus; random, identity and nmf: positive)",
      ).choices(SIGN_NAMES),
    )
    .option(
      "--k <n>",
      "keep the n largest activations per row (default: all above 0)",
      positiveInteger,
    )
    .option("--components <n>", "components (default: as many as dimensions)", positiveInteger)
    .option(
      "--rows <n>",
      "training rows to fit to, one pass at most (default: pca 1000000, nmf 20000, others 100000)",
      positiveInteger,
    )
    .option("--seed <n>", "what random numbers come from", wholeNumber, 0)
    .option("--center", "take the mean off the rows; pca and ica always do")
    .option("--shift <x>", "nmf: add this to every number, to make rows non-negative", realNumber)
    .option(
      "--faithful",
      "ica: atoms are rows of the unmixing matrix in standardised space, as in the code of Cunningham et al.",
    )
    .option(
      "--max-iterations <n>",
      "ica and nmf: iterations at most (default: 200)",
      positiveInteger,
    )
    .option("--tolerance <x>", "ica and nmf: when to stop (default: 0.0001)", realNumber)
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--base <folder>", "folder that paths of the run's config are relative to", ".")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/baseline.ts")).baseline));
}
