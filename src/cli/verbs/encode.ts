/** @file What is typed behind `concord encode`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { addVerb, lazily, positiveInteger } from "../verb.ts";

export function addEncode(program: Command): void {
  addVerb(program, "encode", {
    group: "saes",
    library: "encodeArray",
    summary:
      "write the sparse codes of an array or a store under a saved SAE, and its reconstructions",
    examples: [
      [
        "encode --sae runs/quickstart/saes/member-0 --input x.npy --out codes.safetensors",
        "an SAE of a run; folders of SAELens, dictionary_learning, sparsify and Gemma Scope work as well",
      ],
      [
        "encode --sae sae --input x.bin --dtype float16 --d-in 768 --out c.safetensors --reconstructions y.npy",
        "raw numbers, and what the SAE makes of them",
      ],
      [
        "encode --sae sae --input acts --out c.safetensors",
        "every row of the store that concord collect wrote into acts",
      ],
    ],
  })
    .requiredOption("--sae <folder>", "folder of an SAE, of any format that concord compare reads")
    .requiredOption(
      "--input <path...>",
      "array files (.npy, .safetensors, raw binary; the last axis is d_in), patterns such as 'acts/*.npy', or the folder of a store",
    )
    .requiredOption("--out <file>", "codes in CSR: indptr, indices, values (.safetensors)")
    .option("--reconstructions <file>", "reconstructions, float32 [rows, d_in] (.npy)")
    .option("--tensor <name>", "tensor of a .safetensors file with several")
    .addOption(
      new Option("--dtype <dtype>", "raw binary only").choices([
        "float32",
        "float16",
        "bfloat16",
        "float64",
      ]),
    )
    .option("--d-in <n>", "raw binary only: numbers to a row", positiveInteger)
    .option("--batch <n>", "rows at a time", positiveInteger, 1024)
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/encode.ts")).encode));
}
