/** @file concord encode: the sparse codes of any array under a saved SAE, and its reconstructions. */

import { encodeArray } from "../../analysis/encode-array.ts";
import type { DType } from "../../tensor/dtype.ts";
import { backendFor, interruptSignal } from "../environment.ts";
import { duration, ProgressLine, short } from "../output.ts";

interface Options {
  readonly sae: string;
  readonly input: string;
  readonly out: string;
  readonly reconstructions?: string;
  readonly tensor?: string;
  readonly dtype?: DType;
  readonly dIn?: number;
  readonly batch: number;
  readonly json?: boolean;
}

export async function encode(options: Options): Promise<void> {
  const { sae, out, reconstructions, batch, tensor, dtype, dIn, json } = options;
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new ProgressLine(process.stderr, () => performance.now());
  const start = performance.now();
  const result = await encodeArray(backend, {
    ...{ sae, out, reconstructions, batch, signal },
    input: {
      path: options.input,
      ...(tensor === undefined ? {} : { tensor }),
      ...(dtype === undefined ? {} : { dtype }),
      ...(dIn === undefined ? {} : { dIn }),
    },
    onProgress: ({ rows, totalRows }) =>
      line.update(() => {
        const perRow = (performance.now() - start) / rows / 1000;
        return `${short(rows)} of ${short(totalRows)} rows  ${short(1 / perRow)} rows/s  ETA ${duration((totalRows - rows) * perRow)}`;
      }),
  }).finally(() => line.clear());
  const { rows, nnz, l0, mse } = result;
  if (json) {
    const { architecture, dIn: d_in, dSae: d_sae } = result;
    const facts = { codes: out, reconstructions, rows, d_in, d_sae, architecture, nnz, l0, mse };
    return void process.stdout.write(`${JSON.stringify(facts)}\n`);
  }
  const active = rows === 0 ? "" : `, L0 ${short(l0)}, ${nnz} active latents in all`;
  process.stdout.write(`${out}: ${rows} rows${active}\n`);
  if (mse !== undefined && rows > 0)
    process.stdout.write(`${reconstructions}: MSE ${short(mse)}\n`);
}
