/** @file A trained autoencoder as an ONNX model. */

import { GraphBuilder } from "../../../formats/onnx/graph-builder.ts";
import { encodeModel } from "../../../formats/onnx/messages.ts";
import { tensorValue } from "../../../formats/onnx/tensors.ts";
import type { Network, NetworkSizes } from "./layers.ts";
import { type NamedWeights, OnnxLayers } from "./onnx-layers.ts";

/** Version of the standard operator set: the first with Gelu. */
const OPSET = 20;

/** The name of the tensor that activations are taken from. */
export const LATENT_TENSOR = "latent";

/** The tensors that an exported autoencoder has by name; the others have made-up names. */
export const AUTOENCODER_TENSORS = [LATENT_TENSOR, "reconstruction"] as const;

/**
 * The bytes of an ONNX file. Its input `image` is [batch, channels, size, size], from 0 to 1. Its
 * outputs are `latent` [batch, latent] and `reconstruction`, which is like the input.
 */
export function exportAutoencoder(
  network: Network,
  sizes: NetworkSizes,
  weights: NamedWeights,
): Uint8Array {
  const { size, channels, latent } = sizes;
  const graph = new GraphBuilder();
  const images = ["batch", channels, size, size];
  const input = graph.input(tensorValue("image", "float32", images));
  const layers = new OnnxLayers(graph, weights);
  const picture = layers.channelsLast(input, [size, size, channels]);
  const code = network.encode(layers, picture, sizes);
  const named = graph.node("Identity", [code.name], { output: LATENT_TENSOR });
  graph.output(tensorValue(named, "float32", ["batch", latent]));
  const out = network.decode(layers, { name: named, shape: [latent] }, sizes);
  const attributes = { perm: [0, 3, 1, 2] };
  const made = graph.node("Transpose", [out.name], { output: "reconstruction", attributes });
  graph.output(tensorValue(made, "float32", images));
  return encodeModel(graph.finish(`concord-${network.name}-autoencoder`, OPSET));
}
