import sharp from "sharp";
import { expect, test } from "vitest";
import { encodePng } from "./png.ts";

test.each([1, 3])("a picture of %i channels is what another program reads", async (channels) => {
  const [height, width] = [5, 7];
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, i) => (i * 37) % 256);
  const image = sharp(encodePng(pixels, height, width, channels));
  expect(await image.metadata()).toMatchObject({ format: "png", height, width, channels });
  const space = channels === 1 ? "b-w" : "srgb";
  expect([...(await image.toColourspace(space).raw().toBuffer())]).toEqual([...pixels]);
});
