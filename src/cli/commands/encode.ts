/**
 * @file concord encode: the sparse codes of any array or activation store under a saved SAE, and
 *   its reconstructions.
 */

import type { DType } from "../../base/dtype.ts";
import { encodeArray } from "../../evaluate/encode-array.ts";
import { backendFor, interruptSignal } from "../environment.ts";
import { ProgressLine, short, TimeLeft } from "../output.ts";
import { print, warn } from "../print.ts";

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

export async function encode(options: Options): Promise<void> {
  const { sae, out, reconstructions, batch, tensor, dtype, dIn, json } = options;
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new ProgressLine(process.stderr, () => performance.now());
  const start = performance.now();
  const timeLeft = new TimeLeft(() => performance.now());
  const result = await encodeArray(backend, {
    sae,
    out,
    reconstructions,
    batch,
    signal,
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
  const { rows, nnz, l0, mse, residualOf } = result;
  if (residualOf)
    warn(
      `${sae} was trained on what ${residualOf.map(({ path }) => path).join(", ")} leave of rows, but encoded them as they are.`,
    );
  if (json) {
    const { architecture, dIn: d_in, dSae: d_sae } = result;
    const facts = { codes: out, reconstructions, rows, d_in, d_sae, architecture, nnz, l0, mse };
    return void print(`${JSON.stringify(facts)}\n`);
  }
  print(`${out}: ${rows} rows, L0 ${short(l0)}, ${nnz} active latents in all\n`);
  if (mse !== undefined) print(`${reconstructions}: MSE ${short(mse)}\n`);
}
