import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { madeRows, madeSae } from "../../../test/support/made-sae.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadSae, readSaeMetadata, type SaeMetadata, saveSae } from "../../interchange/saelens.ts";
import { bagOf, boostOf } from "../../sae/ensemble.ts";
import { judgeEnsemble } from "./judge-ensemble.ts";
import { makeBag } from "./make-bag.ts";

const source = { heldOut: madeRows(40, 6), dIn: 6, provenance: { kind: "synthetic" } };

/** Folders of SAEs below one folder. */
async function saved(
  saes: Readonly<Record<string, readonly [sizes: object, metadata?: SaeMetadata]>>,
): Promise<string> {
  const root = temporaryFolder();
  for (const [name, [sizes, metadata = {}]] of Object.entries(saes))
    await saveSae(join(root, name), madeSae(name, sizes), metadata);
  return root;
}

const make = (root: string, names: readonly string[], more: object = {}) =>
  makeBag(reference, {
    names: names.map((name) => join(root, name)),
    out: join(root, "bag"),
    ...more,
  });

describe("a bag", () => {
  test("is made of the SAEs that are named, and keeps what they say of their rows", async () => {
    const metadata = { model_name: "gpt2", hook_name: "blocks.8.hook_resid_pre" };
    const root = await saved({ one: [{}, metadata], two: [{ dSae: 12 }, metadata] });
    const { ensemble, judged, file } = await make(root, ["one", "two"]);
    expect([ensemble.kind, ensemble.dSae, judged]).toEqual(["bag", 20, []]);
    expect(file.members.map((m) => [m.name, m.d_sae])).toEqual([
      ["one", 8],
      ["two", 12],
    ]);
    expect(await readSaeMetadata(join(root, "bag/members/member-1"))).toMatchObject(metadata);
    expect((await loadSae(reference, join(root, "bag/members/member-0"))).decoder).toEqual(
      madeSae("one").decoder,
    );
  });

  test("is made of every SAE of a folder", async () => {
    const root = await saved({ "all/b": [{}], "all/a": [{}] });
    const { file } = await make(root, ["all"]);
    expect(file.members.map((m) => m.name)).toEqual(["a", "b"]);
  });

  test("is judged next to its members where there are rows", async () => {
    const root = await saved({ one: [{}], two: [{}] });
    const { judged } = await make(root, ["one", "two"], { source });
    expect(judged.map((part) => part.name)).toEqual(["bag", "one", "two"]);
    const [bag, one, two] = judged;
    // The mean of two reconstructions is not worse than the worse of them.
    expect(bag!.fvu).toBeLessThanOrEqual(Math.max(one!.fvu, two!.fvu));
    expect(bag!.connectivityRows).toBe(40);
  });
});

describe("a bag is refused, and nothing written,", () => {
  const refused = async (root: string, names: readonly string[], message: string) => {
    await expect(make(root, names)).rejects.toThrow(message);
    expect(existsSync(join(root, "bag"))).toBe(false);
  };

  test("of one SAE, named twice too", async () => {
    const root = await saved({ one: [{}] });
    await refused(root, ["one"], "Expected at least 2 SAEs but found 1.");
    await refused(root, ["one", "one"], "Expected at least 2 SAEs but found 1.");
  });

  test("of SAEs of different widths", async () => {
    const root = await saved({ one: [{}], two: [{ dIn: 5 }] });
    await refused(root, ["one", "two"], "Expected SAEs of one d_in but");
  });

  test("of SAEs that encode what others leave, beside one that does not", async () => {
    const residual_of = [{ path: "a", digest: "1" }];
    const root = await saved({ one: [{}], two: [{}, { residual_of }] });
    await refused(root, ["one", "two"], "Expected SAEs of the same rows but");
  });

  test("of SAEs that encode what others leave, judged on rows as they come", async () => {
    const residual_of = [{ path: "runs/a/saes/member-0", digest: "1" }];
    const root = await saved({ one: [{}, { residual_of }], two: [{}, { residual_of }] });
    await expect(make(root, ["one", "two"], { source })).rejects.toMatchObject({
      code: "argument/invalid",
      message: `Expected the config's source to give what runs/a/saes/member-0 leave, which ${root}/one encodes, but it gives rows as they come.`,
      hint: "Set source.residual_of of the config to [runs/a/saes/member-0], relative to the config file.",
    });
    expect(existsSync(join(root, "bag"))).toBe(false);
    // Judged on its own rows it is made, whatever the config calls the other SAE.
    const own = { kind: "synthetic", residualOf: [{ path: "../a", digest: "1" }] };
    const more = { source: { ...source, provenance: own } };
    expect((await make(root, ["one", "two"], more)).judged).toHaveLength(3);
    const provenance = {
      kind: "synthetic",
      residualOf: [{ path: residual_of[0]!.path, digest: "2" }],
    };
    await expect(
      make(root, ["one", "two"], { source: { ...source, provenance } }),
    ).rejects.toMatchObject({ hint: expect.stringContaining("they changed") });
  });

  test("of SAEs of rows as they come, judged on what others leave", async () => {
    const root = await saved({ one: [{}], two: [{}] });
    const provenance = { kind: "synthetic", residualOf: [{ path: "a", digest: "1" }] };
    const more = { source: { ...source, provenance } };
    await expect(make(root, ["one", "two"], more)).rejects.toMatchObject({
      code: "argument/invalid",
      message: expect.stringContaining("but it gives what a leave."),
      hint: "Remove source.residual_of from the config.",
    });
    expect(existsSync(join(root, "bag"))).toBe(false);
  });

  test("into the folder of one of them", async () => {
    const root = await saved({ "bag/one": [{}], two: [{}] });
    await expect(make(root, ["bag/one", "two"])).rejects.toThrow("would replace");
    expect(existsSync(join(root, "bag/one/cfg.json"))).toBe(true);
  });
});

describe("an ensemble is judged", () => {
  const saes = ["a", "b", "c"].map((name) => madeSae(name));

  test("as a chain next to its beginnings, not next to later stages alone", async () => {
    const judged = await judgeEnsemble(reference, boostOf(saes), ["a", "b", "c"], source);
    expect(judged.map((part) => [part.name, part.latents])).toEqual([
      ["boost", 24],
      ["a", 8],
      ["a to b", 16],
    ]);
    const alone = await judgeEnsemble(reference, bagOf(saes), ["a", "b", "c"], source);
    // The beginning of the chain is the first SAE as it is.
    expect(judged[1]).toEqual(alone[1]);
  });

  test("with how many atoms are unlike all others", async () => {
    const twice = await judgeEnsemble(reference, bagOf([saes[0]!, saes[0]!]), ["x", "y"], source);
    // Each atom of the bag is there twice.
    expect(twice[0]!.diversity).toBe(0);
    expect(twice[1]!.diversity).toBeGreaterThan(0);
  });
});
