import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { announceSkip } from "../../../test/support/announce-skip.ts";
import { imagesContext } from "../../../test/support/pictures.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadConfig } from "../../config/load-config.ts";
import { images } from "./images.ts";
import { openPictures } from "./pictures/open-pictures.ts";
import type { ImagesConfig } from "./schema.ts";
import { requireKeys } from "./source/place-images.ts";

const CONFIGS = resolve(import.meta.dirname, "../../../configs");
const FASHION = resolve(CONFIGS, "../../shared/data/images");

async function configOf(name: string) {
  const [only] = await loadConfig(join(CONFIGS, name));
  return { ...only!.config, source: only!.config.source as ImagesConfig };
}

describe.each([
  "images/fashion-mnist.yaml",
  "equivariant/galaxy-rendered.yaml",
  "equivariant/galaxy-mnist.yaml",
])("configs/%s", (name) => {
  test("has keys that go together, and batches of whole orbits", async () => {
    const { source, training } = await configOf(name);
    expect(source.kind).toBe("images");
    expect(() => requireKeys(source)).not.toThrow();
    if (source.group === "c4") expect(training.batch % 4).toBe(0);
  });
});

test("without the photographs the config for them says what is missing, in one line", async () => {
  const { source } = await configOf("equivariant/galaxy-mnist.yaml");
  const elsewhere = { ...source, pictures: "train.parquet" };
  const context = imagesContext(temporaryFolder());
  await expect(images.open(elsewhere, context)).rejects.toMatchObject({
    code: "file/missing",
    message: expect.stringMatching(
      /^Expected pictures at .*train\.parquet, which does not exist\.$/,
    ),
  });
});

test("rendered galaxies are called rendered", async () => {
  const { source } = await configOf("equivariant/galaxy-rendered.yaml");
  const few = { ...source, pictures: { made: "galaxies", count: 8, size: 16, seed: 0 } as const };
  const opened = await images.open(few, imagesContext(temporaryFolder()));
  expect(opened.provenance.substitute).toMatch(/^galaxies, rendered, not photographed/);
  expect(images.describe(opened.provenance)).toMatch(/^pixels of 8 pictures: galaxies, rendered/);
  expect(opened.symmetry).toMatchObject({ group: "c4", size: 4, isExact: true });
  await opened.close();
});

const reason = existsSync(FASHION) ? undefined : `${FASHION} is not there`;

test.skipIf(announceSkip("Fashion-MNIST", reason))(
  "Fashion-MNIST has ten balanced classes",
  async () => {
    const { source } = await configOf("images/fashion-mnist.yaml");
    const set = await openPictures(
      { ...source, pictures: join(FASHION, "t10k-images-idx3-ubyte.gz") },
      FASHION,
    );
    expect(set).toMatchObject({ count: 10_000, size: [28, 28, 1] });
    const { names, of } = set.classes!;
    expect(names[7]).toBe("7: Sneaker");
    const counts = names.map((_, i) => of.filter((one) => one === i).length);
    expect(new Set(counts)).toEqual(new Set([1000]));
    await set.close();
  },
);
