/** @file A coupling's pull on a decoder that is not a parameter, so that what makes it moves. */

import type { TapeTensor } from "../../tape/tensor.ts";

/** A loss whose gradient includes a pull. */
export interface PulledLoss {
  /** The value of the loss alone. */
  readonly loss: TapeTensor;
  /** Gradient of the coupling with respect to the decoder, [d_sae, d_in]; undefined: none. */
  pull: Float32Array | undefined;
}

/** Records a loss to go backwards from; call it last. */
export function pulledLoss(loss: TapeTensor, decoder: TapeTensor): PulledLoss {
  const state: { pull: Float32Array | undefined } = { pull: undefined };
  const pulled = loss.tape.record([], [loss, decoder], (out) => ({
    forward() {
      out.value[0] = loss.value[0]!;
    },
    backward() {
      loss.gradient!.added()[0]! += out.gradient!.sum[0]!;
      const { pull } = state;
      if (!pull) return;
      const to = decoder.gradient!.added();
      for (let i = 0; i < to.length; i++) to[i]! += pull[i]!;
    },
  }));
  return Object.assign(state, { loss: pulled });
}
