import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { saveSae } from "./saelens.ts";
import { loadAtom } from "./saelens-atom.ts";

test("a row of the decoder, as it was saved", async () => {
  const folder = temporaryFolder();
  const sae = madeSae("a");
  await saveSae(folder, sae);
  for (const latent of [0, 3, 7]) {
    const { row, rowNormalization } = await loadAtom(folder, latent);
    expect([...row]).toEqual([...sae.decoder.subarray(latent * 6, (latent + 1) * 6)]);
    expect(rowNormalization).toBeUndefined();
  }
});

test("what is done to rows comes with it, and a factor is in it", async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const sae = madeSae("a");
  await saveSae(first, { ...sae, rowNormalization: "layer_norm" });
  expect((await loadAtom(first, 0)).rowNormalization).toBe("layer_norm");
  await saveSae(second, { ...sae, rowNormalization: { factor: 2 } });
  const { row, rowNormalization } = await loadAtom(second, 0);
  expect(row[0]).toBe(sae.decoder[0]! / 2);
  expect(rowNormalization).toBeUndefined();
});

test("latents that there are not, and files that are something else", async () => {
  const folder = temporaryFolder();
  await saveSae(folder, madeSae("a"));
  for (const latent of [-1, 8, 0.5])
    await expect(loadAtom(folder, latent)).rejects.toMatchObject({ code: "argument/invalid" });
  const config = join(folder, "cfg.json");
  await saveSae(folder, madeSae("a", { dSae: 9 }));
  const other = readFileSync(config, "utf8").replace('"d_sae": 9', '"d_sae": 10');
  writeFileSync(config, other);
  await expect(loadAtom(folder, 0)).rejects.toThrow(
    "expected float32 [10, 6] but it is float32 [9, 6]",
  );
});
