/** A small convolutional autoencoder learns, and its batch norm knows training from inference. */
import { expect, test } from "vitest";
import { nativeIsas, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import * as ops from "./library.ts";
import { Tape } from "./tape.ts";

const [IMAGES, SIZE] = [32, 8];

/** Images of one bright bar each, at one of sixteen places. */
function bars(step: number): Float32Array {
  const pixels = new Float32Array(IMAGES * SIZE * SIZE);
  for (let n = 0; n < IMAGES; n++) {
    const place = (7 * n + 5 * step) % (2 * SIZE);
    for (let i = 0; i < SIZE; i++) {
      const [row, column] = place < SIZE ? [place, i] : [i, place - SIZE];
      pixels[(n * SIZE + row) * SIZE + column] = 1;
    }
  }
  return pixels;
}

test("a convolutional autoencoder learns bars", async () => {
  const tape = new Tape(openNamed(nativeIsas[0] ?? "reference"));
  const drawn = (shape: readonly number[], scale: number) => {
    const made = tape.parameter(shape);
    made.value.set(normals(`weights ${shape}`, made.length, scale));
    return made;
  };
  const zeros = (n: number) => tape.parameter([n]);
  const gamma = tape.parameter([8]);
  gamma.value.fill(1);
  const running = { mean: new Float32Array(8), variance: new Float32Array(8).fill(1) };
  const strided = { stride: 2, padding: 1 };
  const images = tape.input([IMAGES, SIZE, SIZE, 1]);
  const first = ops.conv2d(images, drawn([3, 3, 1, 8], 0.4), zeros(8), strided);
  const hidden = ops.relu(ops.batchNorm(first, gamma, zeros(8), running));
  const flat = ops.reshape(hidden, [IMAGES, 128]);
  const latent = ops.linear(flat, drawn([16, 128], 0.1), zeros(16));
  const up = ops.relu(ops.linear(latent, drawn([128, 16], 0.3), zeros(128)));
  const wide = ops.reshape(up, [IMAGES, 4, 4, 8]);
  const options = { ...strided, outputPadding: 1 };
  const out = ops.convTranspose2d(wide, drawn([3, 3, 1, 8], 0.2), zeros(1), options);
  const loss = ops.meanSquaredError(out, images);
  const adam = new ops.Adam(tape.parameters);
  const losses: number[] = [];
  for (let step = 0; step < 150; step++) {
    images.value.set(bars(step));
    await tape.forward();
    await tape.backward(loss);
    await adam.step({ lr: 1e-2 });
    losses.push(loss.value[0]!);
  }
  expect(losses.at(-1)).toBeLessThan(0.1 * losses[0]!);
  tape.mode = "infer";
  await tape.forward();
  expect(loss.value[0]).toBeLessThan(0.2 * losses[0]!);
  expect(loss.value[0]).not.toBe(losses.at(-1));
});
