/** @file concord encode: the sparse codes of any array or activation store under a saved SAE, and its reconstructions. */

import { type Command, Option } from "commander";
import { encodeArray } from "../../analysis/encode-array.ts";
import type { DType } from "../../tensor/dtype.ts";
import { backendFor, interruptSignal } from "../environment.ts";
import { ProgressLine, short, TimeLeft } from "../output.ts";
import { addVerb, positiveInteger } from "../verb.ts";

interface Options {
  readonly sae: string;
  readonly input: string[];
  readonly out: string;
  readonly reconstructions?: string;
  readonly tensor?: string;
  readonly dtype?: DType;
  readonly dIn?: number;
  readonly batch: number;
  readonly json?: boolean;
}

async function encode(options: Options): Promise<void> {
  const { sae, out, reconstructions, batch, tensor, dtype, dIn, json } = options;
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new ProgressLine(process.stderr, () => performance.now());
  const start = performance.now();
  const timeLeft = new TimeLeft(() => performance.now());
  const result = await encodeArray(backend, {
    ...{ sae, out, reconstructions, batch, signal },
    input: {
      path: options.input.length === 1 ? options.input[0]! : options.input,
      ...(tensor === undefined ? {} : { tensor }),
      ...(dtype === undefined ? {} : { dtype }),
      ...(dIn === undefined ? {} : { dIn }),
    },
    onProgress: ({ rows, totalRows }) => {
      const left = timeLeft.update(rows, totalRows);
      line.update(() => {
        const perSecond = (1000 * rows) / (performance.now() - start);
        return `${short(rows)} of ${short(totalRows)} rows  ${short(perSecond)} rows/s${left}`;
      });
    },
  }).finally(() => line.clear());
  const { rows, nnz, l0, mse } = result;
  if (json) {
    const { architecture, dIn: d_in, dSae: d_sae } = result;
    const facts = { codes: out, reconstructions, rows, d_in, d_sae, architecture, nnz, l0, mse };
    return void process.stdout.write(`${JSON.stringify(facts)}\n`);
  }
  process.stdout.write(`${out}: ${rows} rows, L0 ${short(l0)}, ${nnz} active latents in all\n`);
  if (mse !== undefined) process.stdout.write(`${reconstructions}: MSE ${short(mse)}\n`);
}

export function addEncode(program: Command): void {
  addVerb(program, "encode", {
    group: "saes",
    library: "encodeArray",
    summary:
      "write the sparse codes of an array or a store under a saved SAE, and its reconstructions",
    examples: [
      [
        "encode --sae runs/quickstart/saes/member-0 --input x.npy --out codes.safetensors",
        "an SAE of a run; folders of SAELens work as well: standard, topk, jumprelu and gated",
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
    .requiredOption("--sae <folder>", "cfg.json and sae_weights.safetensors")
    .requiredOption(
      "--input <path...>",
      "array files (.npy, .safetensors, raw binary; the last axis is d_in), patterns such as 'acts/*.npy', or the folder of a store",
    )
    .requiredOption("--out <file>", "codes in CSR: indptr, indices, values (.safetensors)")
    .option("--reconstructions <file>", "reconstructions, float32 [rows, d_in] (.npy)")
    .option("--tensor <name>", "tensor of a .safetensors file with several")
    .addOption(
      new Option("--dtype <dtype>", "raw binary only").choices([
        ...["float32", "float16", "bfloat16", "float64"],
      ]),
    )
    .option("--d-in <n>", "raw binary only: numbers to a row", positiveInteger)
    .option("--batch <n>", "rows at a time", positiveInteger, 1024)
    .option("--json", "print JSON, and nothing else")
    .action(encode);
}
