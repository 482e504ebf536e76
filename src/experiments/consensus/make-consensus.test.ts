import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { madeRows, madeSae } from "../../../test/support/made-sae.ts";
import { normals } from "../../../test/support/random.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadSae, readSaeMetadata, saveSae } from "../../interchange/saelens.ts";
import type { Sae } from "../../sae/sae.ts";
import { makeConsensus } from "./make-consensus.ts";

const dIn = 16;

/** The SAE of a name with a little noise on every atom: it shares them all. */
function near(sae: Sae, name: string): Sae {
  const noise = normals(name, sae.decoder.length, 0.01);
  const decoder = sae.decoder.map((v, i) => v + noise[i]!);
  return { ...sae, decoder, encoder: decoder.slice() };
}

/** Three SAEs: two that share all atoms, and one that shares none. */
async function saved(): Promise<string> {
  const root = temporaryFolder();
  const first = madeSae("first", { dIn });
  const metadata = { model_name: "gpt2", hook_name: "h" };
  await saveSae(join(root, "saes/a"), first, metadata);
  await saveSae(join(root, "saes/b"), near(first, "noise"), metadata);
  await saveSae(join(root, "saes/c"), madeSae("stranger", { dIn }), metadata);
  return root;
}

const make = (root: string, more: object = {}) =>
  makeConsensus(reference, {
    names: [join(root, "saes")],
    out: join(root, "out"),
    threshold: 0.9,
    ...more,
  });

describe("a consensus", () => {
  test("has the latents that enough SAEs share, and is saved as an SAE", async () => {
    const root = await saved();
    const { sae, groups, sizes, names, judged } = await make(root);
    expect(names).toEqual(["a", "b", "c"]);
    // Eight latents in two SAEs, eight in one, none in all three.
    expect(sizes).toEqual([8, 8, 0]);
    expect([sae.dSae, groups.length, judged]).toEqual([8, 8, []]);
    const loaded = await loadSae(reference, join(root, "out"));
    expect(loaded.decoder).toEqual(sae.decoder);
    expect(await readSaeMetadata(join(root, "out"))).toMatchObject({
      model_name: "gpt2",
      consensus: { min_members: 2, tau: 0.9, refit_steps: 0 },
    });
  });

  test("lists its groups, the latents of each by SAE", async () => {
    const root = await saved();
    const { groups } = await make(root);
    const [head, ...lines] = readFileSync(join(root, "out/groups.csv"), "utf8").trim().split("\n");
    expect(head).toBe("latent,members,agreement,latents");
    expect(lines).toHaveLength(groups.length);
    for (const [i, line] of lines.entries()) {
      const [latent, members, agreement, of] = line.split(",");
      expect([latent, members]).toEqual([String(i), "2"]);
      expect(Number(agreement)).toBeGreaterThan(0.9);
      // The two share their numbering.
      expect(of).toMatch(/^a:(\d) b:\1$/);
    }
  });

  test("of every latent has all groups, and of a number the largest", async () => {
    const root = await saved();
    expect((await make(root, { minMembers: 1 })).groups).toHaveLength(16);
    const few = await make(root, { minMembers: 1, latents: 3 });
    expect(few.groups.map((g) => g.latents.length)).toEqual([2, 2, 2]);
    expect(few.sae.dSae).toBe(3);
  });

  test("is judged next to what it is made of, itself first", async () => {
    const root = await saved();
    const train = {
      rowsPerPass: undefined,
      next: async () => {},
      state: () => ({}),
      seek: async () => {},
    };
    const source = { heldOut: madeRows(64, dIn), dIn, train, provenance: { kind: "synthetic" } };
    const { judged } = await make(root, { source });
    expect(judged.map((one) => one.name)).toEqual(["consensus", "a", "b", "c"]);
    const [consensus, a] = judged;
    expect(Math.abs(consensus!.fvu - a!.fvu)).toBeLessThan(0.05);
  });
});

test("a consensus of SAEs that encode a residual says whose", async () => {
  const root = temporaryFolder();
  const residual_of = [{ path: "former", digest: "1" }];
  const first = madeSae("first", { dIn });
  await saveSae(join(root, "saes/a"), first, { residual_of });
  await saveSae(join(root, "saes/b"), near(first, "noise"), { residual_of });
  await make(root, {});
  expect(await readSaeMetadata(join(root, "out"))).toMatchObject({ residual_of });
});

test("a consensus of SAEs that encode a residual is not judged on rows as they come", async () => {
  const root = temporaryFolder();
  const residual_of = [{ path: "former", digest: "1" }];
  const first = madeSae("first", { dIn });
  await saveSae(join(root, "saes/a"), first, { residual_of });
  await saveSae(join(root, "saes/b"), near(first, "noise"), { residual_of });
  const source = { heldOut: madeRows(64, dIn), dIn, provenance: { kind: "synthetic" } };
  await expect(make(root, { source })).rejects.toMatchObject({
    code: "argument/invalid",
    hint: expect.stringContaining("Set source.residual_of of the config to [former]"),
  });
  expect(existsSync(join(root, "out"))).toBe(false);
  const provenance = { kind: "synthetic", residualOf: residual_of };
  const { judged } = await make(root, { source: { ...source, provenance } });
  expect(judged.map(({ name }) => name)).toEqual(["consensus", "a", "b"]);
});

describe("a consensus is refused, and nothing written,", () => {
  const refused = async (more: object, message: string) => {
    const root = await saved();
    await expect(make(root, more)).rejects.toThrow(message);
    expect(existsSync(join(root, "out"))).toBe(false);
  };

  test("where more SAEs are to agree than there are", async () => {
    await refused({ minMembers: 4 }, "Expected at least 4 SAEs but found 3.");
  });

  test("where no latent is in enough of them", async () => {
    await refused({ minMembers: 3 }, "latent");
  });

  test("for a refit without rows to train on", async () => {
    await refused({ refit: { steps: 1 } }, "A refit needs rows to train on.");
  });

  test("into the folder of one of them", async () => {
    const root = await saved();
    const before = readFileSync(join(root, "saes/a/sae_weights.safetensors"));
    await expect(make(root, { out: join(root, "saes/a") })).rejects.toMatchObject({
      code: "argument/invalid",
    });
    expect(readFileSync(join(root, "saes/a/sae_weights.safetensors"))).toEqual(before);
  });
});
