/** Autoencoders of pictures: training, going on after an interruption, and the same in ONNX. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { nativeIsas, openNamed } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { randomStream, uniformAt } from "../../../base/philox.ts";
import { elementsOf, movePicture } from "../groups/pixel-action.ts";
import { batchesOf } from "./batches.ts";
import { exportAutoencoder } from "./export-autoencoder.ts";
import { AUTOENCODERS } from "./names.ts";
import { NETWORKS } from "./networks.ts";
import type { RecordedAutoencoder } from "./recorded.ts";
import { trainAutoencoder } from "./train-autoencoder.ts";

const [SIZE, CHANNELS, COUNT, BATCH] = [32, 3, 24, 8];
const BYTES = SIZE * SIZE * CHANNELS;
const backend = openNamed(nativeIsas[0] ?? "reference");
const stream = randomStream(3, "pictures");

/** Squares of one colour in one place on black. */
const pixels = new Uint8Array(COUNT * BYTES);
for (let i = 0; i < COUNT; i++) {
  const [top, left] = [1, 2].map((k) => Math.floor(24 * uniformAt(stream, 4 * i + k)));
  for (let p = 0; p < 64; p++) {
    const at = ((top! + (p >> 3)) * SIZE + left! + (p & 7)) * CHANNELS;
    pixels.fill(150 + 4 * i, i * BYTES + at + (i % 2), i * BYTES + at + CHANNELS);
  }
}
const data = { pixels, count: COUNT, size: SIZE, channels: CHANNELS };
const settings = { latent: 8, batch: BATCH, lr: 2e-3, seed: 1, augment: true };
const train = (kind: (typeof AUTOENCODERS)[number], epochs: number, more: object = {}) =>
  trainAutoencoder(
    backend,
    data,
    { ...settings, kind, epochs },
    { checkpoint: join(temporaryFolder(), "state"), ...more },
  );
const weightsOf = ({ parameters }: RecordedAutoencoder) =>
  new Map([...parameters].map(([name, { value }]) => [name, value.slice()]));

test.each(AUTOENCODERS)("%s learns, and is the same model in ONNX", async (kind) => {
  const { autoencoder, losses } = await train(kind, 8);
  expect(losses.at(-1)).toBeLessThan(0.97 * losses[0]!);
  const { tape, pictures, latent, reconstruction } = autoencoder;
  await tape.forward();
  const sizes = { size: SIZE, channels: CHANNELS, latent: settings.latent };
  const bytes = exportAutoencoder(NETWORKS[kind], sizes, weightsOf(autoencoder));
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(bytes);
  const first = channelsFirst(pictures.value);
  const image = new Tensor("float32", first, [BATCH, CHANNELS, SIZE, SIZE]);
  const found = await session.run({ image });
  const rounding = { rtol: 1e-4, atol: 1e-5 };
  expectAllclose(found["latent"]!.data as Float32Array, latent.value, rounding, "latent");
  const made = found["reconstruction"]!.data as Float32Array;
  expectAllclose(made, channelsFirst(reconstruction.value), rounding, "reconstruction");
  await session.release();
});

/** [n, h, w, c] as [n, c, h, w]. */
function channelsFirst(x: Float32Array): Float32Array {
  const places = SIZE * SIZE;
  return x.map((_, i) => {
    const [n, c, p] = [Math.floor(i / BYTES), Math.floor(i / places) % CHANNELS, i % places];
    return x[n * BYTES + p * CHANNELS + c]!;
  });
}

test("training that was interrupted ends in the same bytes", async () => {
  const whole = await train("cnn", 3);
  const checkpoint = join(temporaryFolder(), "state");
  const stop = new AbortController();
  const onProgress = (done: number) => done === COUNT + BATCH && stop.abort();
  const cut = train("cnn", 3, { checkpoint, signal: stop.signal, onProgress });
  await expect(cut).rejects.toMatchObject({ code: "interrupted" });
  const seen: number[][] = [];
  const rest = await train("cnn", 3, {
    checkpoint,
    onProgress: (...numbers: number[]) => seen.push(numbers),
  });
  expect(seen[0]).toEqual([COUNT + BATCH, 3 * COUNT, COUNT]);
  expect(rest.losses).toEqual(whole.losses);
  expect(weightsOf(rest.autoencoder)).toEqual(weightsOf(whole.autoencoder));
});

test("an epoch has each picture once, turned as the group turns it", () => {
  const poses = elementsOf({ group: "c4" }, SIZE, SIZE);
  const known = new Map<string, number>();
  const turned = new Uint8Array(BYTES);
  for (let i = 0; i < COUNT; i++)
    for (const map of poses) {
      movePicture(pixels.subarray(i * BYTES, (i + 1) * BYTES), map, CHANNELS, turned);
      known.set(turned.join(), i);
    }
  const fill = batchesOf(data, settings);
  const plain = batchesOf(data, { ...settings, augment: false });
  const [batch, upright] = [new Float32Array(BATCH * BYTES), new Float32Array(BATCH * BYTES)];
  const found: (number | undefined)[] = [];
  for (let index = 0; index < COUNT / BATCH; index++) {
    fill(2, index, batch);
    plain(2, index, upright);
    for (let i = 0; i < BATCH; i++) {
      const bytes = Uint8Array.from(batch.subarray(i * BYTES, (i + 1) * BYTES), (v) => v * 255.01);
      const picture = known.get(bytes.join());
      found.push(picture);
      const own = pixels.subarray(picture! * BYTES, (picture! + 1) * BYTES);
      const shown = upright.subarray(i * BYTES, (i + 1) * BYTES);
      expect(shown.every((v, at) => Math.round(v * 255) === own[at])).toBe(true);
    }
  }
  expect(found.sort((a, b) => a! - b!)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
});

test("pictures that do not fit are refused before any work", async () => {
  const refused = async (kind: "cnn" | "vit", size: number, count = COUNT) =>
    trainAutoencoder(
      backend,
      { pixels, count, size, channels: CHANNELS },
      { ...settings, kind, epochs: 1 },
      { checkpoint: "nowhere" },
    );
  await expect(refused("cnn", 50)).rejects.toThrow(
    "Pictures of 50 × 50 do not fit an autoencoder of kind cnn: expected a multiple of 8",
  );
  await expect(refused("vit", 40)).rejects.toThrow("expected a multiple of 16, such as 64 or 224");
  await expect(refused("cnn", SIZE, 5)).rejects.toThrow("fewer than its batch of 8");
});
