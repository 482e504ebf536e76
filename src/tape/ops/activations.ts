/** @file Activation functions, element by element, by kernels of the backend. */

import { ACTIVATION, type Activation } from "../../backend/backend.ts";
import { accumulating } from "../accumulating.ts";
import type { TapeTensor } from "../tensor.ts";

function activation(kind: Activation, x: TapeTensor): TapeTensor {
  const { backend } = x.tape;
  return x.tape.record(x.shape, [x], (out) => {
    const n = x.length;
    const args = { kind, x: x.value, out: out.value, n };
    const [grad, to] = [out.gradient?.sum, x.gradient?.sum];
    const back = grad && to && accumulating({ kind, x: x.value, grad, out: to, n });
    return {
      forward: () => backend.activate(args),
      backward: () => backend.activateGradient(back!(x.gradient!.claim())),
    };
  });
}

/** max(x, 0); its derivative at 0 is 0. */
export const relu = (x: TapeTensor): TapeTensor => activation(ACTIVATION.relu, x);
/** x Φ(x), Φ the normal distribution function (exact, not the tanh approximation). */
export const gelu = (x: TapeTensor): TapeTensor => activation(ACTIVATION.gelu, x);
/** x / (1 + exp(−x)). */
export const silu = (x: TapeTensor): TapeTensor => activation(ACTIVATION.silu, x);
/** tanh(x). */
export const tanh = (x: TapeTensor): TapeTensor => activation(ACTIVATION.tanh, x);
/** 1 / (1 + exp(−x)). */
export const sigmoid = (x: TapeTensor): TapeTensor => activation(ACTIVATION.sigmoid, x);
