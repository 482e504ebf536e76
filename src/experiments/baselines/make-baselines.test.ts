import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { filesBelow } from "../../../test/support/cli.ts";
import { madeRows, madeSae } from "../../../test/support/made-sae.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadSae, readSaeMetadata, saveSae } from "../../interchange/saelens.ts";
import type { Source } from "../../sources/source.ts";
import { findSaes } from "../compare/find-saes.ts";
import { openFoundSae } from "../compare/open-saes.ts";
import { makeBaselines } from "./make-baselines.ts";

const D = 6;

/** Normal rows, of which the stream serves the first 200 over and over. */
function madeSource(): Source {
  const rows = madeRows(200, D);
  let at = 0;
  return {
    dIn: D,
    provenance: { kind: "language_model", model: "gpt2", hook: "h" },
    heldOut: rows,
    train: {
      rowsPerPass: 200,
      async next(out) {
        for (let i = 0; i < out.length; i += D) {
          await rows.read(at++ % 200, out.subarray(i, i + D));
        }
      },
      state: () => ({ at }),
      async seek(state) {
        at = Number(state["at"]);
      },
    },
    close: async () => {},
  };
}

const make = (out: string, more: object = {}) =>
  makeBaselines(reference, { kinds: ["pca"], source: madeSource(), seed: 0, out, ...more });

test("one baseline is the folder, several lie in it, and each is an SAE that says what it is", async () => {
  const root = temporaryFolder();
  const { made, judged } = await make(join(root, "pca"), { k: 2 });
  expect(judged.map(({ name, latents }) => [name, latents])).toEqual([["pca", 12]]);
  expect((await loadSae(reference, join(root, "pca"))).decoder).toEqual(made[0]!.sae.decoder);
  expect(await readSaeMetadata(join(root, "pca"))).toMatchObject({
    model_name: "gpt2",
    hook_name: "h",
    baseline: { kind: "pca", sign: "plus-minus", components: 6, rows: 200, seed: 0, rank: 6 },
  });
  await make(join(root, "all"), { kinds: ["random", "identity", "random"] });
  const found = await findSaes(root, [join(root, "all")]);
  expect(found.map(({ name }) => name)).toEqual(["identity", "random"]);
});

test("the same rows, options and seed give the same bytes, wherever the stream stands", async () => {
  const [a, b] = [temporaryFolder(), temporaryFolder()];
  const kinds = ["ica", "random", "pca"];
  await make(a, { kinds });
  await make(b, { kinds: kinds.toReversed() });
  expect(filesBelow(a).size).toBe(6);
  expect(filesBelow(b)).toEqual(filesBelow(a));
});

test("SAEs are judged with them, and are not overwritten", async () => {
  const root = temporaryFolder();
  const folder = join(root, "sae");
  await saveSae(folder, madeSae("one", { dIn: D }));
  const saes = [await openFoundSae(reference, (await findSaes(root, [folder]))[0]!)];
  const { judged } = await make(join(root, "out"), { kinds: ["rotation"], saes, k: 2 });
  expect(judged.map(({ name }) => name)).toEqual(["sae", "rotation"]);
  await expect(make(folder, { saes })).rejects.toThrow("is one of the SAEs that are read");
  const other = { ...saes[0]!, sae: madeSae("two", { dIn: 4 }) };
  await expect(make(join(root, "x"), { saes: [...saes, other] })).rejects.toThrow("one d_in");
});

test("what cannot be is refused before anything is read or written", async () => {
  const out = join(temporaryFolder(), "out");
  await expect(make(out, { kinds: ["pca", "tsne"] })).rejects.toThrow("but received tsne");
  await expect(make(out, { kinds: ["pca", "nmf"], sign: "oriented" })).rejects.toThrow("of nmf");
  expect(existsSync(out)).toBe(false);
});

test("a row that is not finite is named", async () => {
  const source = madeSource();
  const next = source.train.next;
  const train = {
    ...source.train,
    async next(out: Float32Array) {
      await next(out);
      out[D * 3 + 1] = Number.NaN;
    },
  };
  await expect(make(temporaryFolder(), { source: { ...source, train } })).rejects.toMatchObject({
    code: "numeric/not-finite",
    message: "Training row 3 holds a value that is not finite.",
  });
});

test("signed latents say what SAELens makes of them", async () => {
  const { made } = await make(temporaryFolder(), { sign: "signed" });
  expect(made[0]!.difference).toMatch(/SAELens sets negative activations to zero/);
});
