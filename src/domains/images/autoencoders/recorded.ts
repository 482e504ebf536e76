/** @file An autoencoder on the tape: what is computed for a batch, its loss, its parameters. */

import type { Backend } from "../../../backend/backend.ts";
import { Adam, meanSquaredError, Tape, type TapeTensor } from "../../../tape/library.ts";
import type { Network, NetworkSizes } from "./layers.ts";
import { type NamedTensors, TapeLayers } from "./tape-layers.ts";

/** An autoencoder that can take steps. */
export interface RecordedAutoencoder {
  readonly tape: Tape;
  /** [batch, size, size, channels], 0 to 1; written before each pass. */
  readonly pictures: TapeTensor;
  /** [batch, latent] */
  readonly latent: TapeTensor;
  /** Like `pictures`. */
  readonly reconstruction: TapeTensor;
  /** Mean over all numbers of (reconstruction − picture)². */
  readonly loss: TapeTensor;
  readonly parameters: NamedTensors;
  readonly adam: Adam;
  /** Draws all weights anew. */
  draw(seed: number): Promise<void>;
}

/** Records the network for batches of `batch` pictures. Its weights are not drawn yet. */
export function recordAutoencoder(
  backend: Backend,
  network: Network,
  sizes: NetworkSizes,
  batch: number,
): RecordedAutoencoder {
  const tape = new Tape(backend);
  const layers = new TapeLayers(tape);
  const pictures = tape.input([batch, sizes.size, sizes.size, sizes.channels]);
  const latent = network.encode(layers, pictures, sizes);
  const reconstruction = network.decode(layers, latent, sizes);
  const loss = meanSquaredError(reconstruction, pictures);
  const { parameters } = layers;
  return {
    tape,
    pictures,
    latent,
    reconstruction,
    loss,
    parameters,
    adam: new Adam([...parameters.values()]),
    draw: (seed) => layers.draw(seed),
  };
}
