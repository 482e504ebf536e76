/** @file The command line of `concord encode`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { addVerb, lazily, positiveInteger } from "../verb.ts";

export function addEncode(program: Command): void {
  addVerb(program, "encode", {
    group: "saes",
    library: "encodeArray",
    summary:
      "encode an array or a store with a saved SAE: sparse codes, and reconstructions if wanted",
    examples: [
      [
        "encode --sae runs/quickstart/saes/member-0 --input x.npy --out codes.safetensors",
        "with an SAE of a run; folders of SAELens, dictionary_learning, sparsify, Gemma Scope and OpenAI work too",
      ],
      [
        "encode --sae sae --input x.bin --dtype float16 --d-in 768 --out c.safetensors --reconstructions y.npy",
        "raw numbers, with their reconstructions",
      ],
      [
        "encode --sae sae --input acts --out c.safetensors",
        "every row of the store in acts that `concord collect` wrote",
      ],
    ],
  })
    .requiredOption(
      "--sae <folder>",
      "SAE folder, in any format that `concord compare` reads, or hf:org/repo/path",
    )
    .requiredOption(
      "--input <path...>",
      "array files (.npy, .safetensors, raw binary; the last axis is d_in), patterns such as 'acts/*.npy', or the folder of a store",
    )
    .requiredOption("--out <file>", "codes in CSR: indptr, indices, values (.safetensors)")
    .option("--reconstructions <file>", "reconstructions, float32 [rows, d_in] (.npy)")
    .option("--tensor <name>", "tensor of a .safetensors file with several")
    .addOption(
      new Option("--dtype <dtype>", "raw binary only: number format").choices([
        "float32",
        "float16",
        "bfloat16",
        "float64",
      ]),
    )
    .option("--d-in <n>", "raw binary only: numbers per row", positiveInteger)
    .option("--batch <n>", "rows per batch", positiveInteger, 1024)
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/encode.ts")).encode));
}
