import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { RunFolder } from "../../../runs/run-folder.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { Source } from "../../../sources/source.ts";
import type { AnalysedMember, AnalysisContext } from "../../analysis.ts";
import { openSyntheticSource, type SyntheticSource } from "../synthetic-source.ts";
import { orbitFeatures } from "./orbit-features.ts";

const D = 16;
const FEATURES = 4;

const sourceOf = (options: object = {}) =>
  openSyntheticSource(reference, {
    generator: "orbits",
    dIn: D,
    features: FEATURES,
    active: 1,
    heldOutRows: 256,
    seed: 1,
    ...options,
  });

/** An SAE with these atoms, which are its encoder too. */
async function member(name: string, atoms: Float32Array): Promise<AnalysedMember> {
  const dSae = atoms.length / D;
  const sae: Sae = {
    architecture: "topk",
    selection: { kind: "topk", k: 1, relu: true },
    dIn: D,
    dSae,
    encoder: atoms,
    decoder: atoms,
    encoderBias: new Float32Array(dSae),
    decoderBias: undefined,
  };
  const dictionary = await dictionaryOf(reference, atoms, dSae, D);
  const facts = { architecture: "topk", seed: 0, coupled: true, label: {}, lr: 1 };
  return { name, ...facts, setting: { name }, sae, dictionary };
}

function contextOf(source: Source, members: readonly AnalysedMember[]): AnalysisContext {
  return {
    backend: reference,
    members,
    source,
    beginning: {},
    baseFolder: ".",
    seed: 0,
    steps: 10,
    batch: 8,
    trainingFvu: new Map(),
    pause: async () => {},
    phaseDone: () => {},
    onCompared: () => {},
    onLooked: () => {},
    evaluation: undefined as never,
    agreement: undefined,
  };
}

/** The features moved by element k. */
function turned({ trueFeatures, orbits }: SyntheticSource, k: number): Float32Array {
  const { matrix, count } = trueFeatures!;
  return Float32Array.from({ length: count * D }, (_, at) => {
    const [f, i] = [Math.floor(at / D), at % D];
    let sum = 0;
    for (let j = 0; j < D; j++) sum += orbits!.matrices[(k * D + i) * D + j]! * matrix[f * D + j]!;
    return sum;
  });
}

test("features count in any pose, and an SAE of all poses detects in none of them at once", async () => {
  const source = await sourceOf();
  const poses = [0, 1, 2, 3].map((k) => turned(source, k));
  const all = Float32Array.from(poses.flatMap((p) => [...p]));
  const one = await member("one pose", poses[3]!);
  const wide = await member("all poses", all);
  const result = await orbitFeatures.analyse(contextOf(source, [one, wide]), { rows: 4096 });
  const [first, second] = result.members;
  expect(first).toMatchObject({ name: "one pose", latents: 4 });
  for (const found of [first!, second!]) {
    expect(found.best).toBeCloseTo(1, 4);
    expect(found.assigned).toBeCloseTo(1, 4);
    expect(found.best_null).toBeLessThan(0.8);
    expect(found.probe_auroc).toBeGreaterThan(0.6);
    expect(Math.abs(found.probe_auroc_null - 0.5)).toBeLessThan(0.15);
  }
  // A narrow SAE has one pose in four; the reconstruction in its best pose misses less.
  expect(first!.fvu).toBeGreaterThan(0.5);
  expect(first!.fvu_modulo).toBeLessThan(first!.fvu);
  expect(second!.fvu).toBeLessThan(0.3);
  // Each pose has a latent of its own, so a code says nothing of the others'.
  expect(second!.pose_change).toBeGreaterThan(1.2);
  expect(result).toMatchObject({ group: "c4", rows: 256, features: 4, rows_seen: 80 });
});

test("atoms fewer than features leave some without, and null atoms find less", async () => {
  const source = await sourceOf();
  const two = await member(
    "two",
    turned(source, 0)
      .subarray(0, 2 * D)
      .slice(),
  );
  const { members } = await orbitFeatures.analyse(contextOf(source, [two]), { rows: 64 });
  expect(members[0]!.assigned).toBeCloseTo(0.5, 4);
  expect(members[0]!.best).toBeLessThan(1);
});

test("with a wrong action, features still count in their true poses", async () => {
  const source = await sourceOf({ action: "wrong", representative: "random" });
  const own = await member("own", turned(source, 2));
  const { members, group } = await orbitFeatures.analyse(contextOf(source, [own]), { rows: 64 });
  expect(group).toBe("c4 (wrong action)");
  expect(members[0]!.best).toBeCloseTo(1, 4);
});

test("other sources have nothing for it", async () => {
  expect(orbitFeatures.applies(await sourceOf())).toBe(true);
  const { symmetry: _, ...residual } = await sourceOf();
  expect(orbitFeatures.applies(residual)).toBe(false);
  const song = await openSyntheticSource(reference, { generator: "song", dIn: D, heldOutRows: 4 });
  expect(orbitFeatures.applies(song)).toBe(false);
});

test("what it kept is read back, shown as a table, and drawn", async () => {
  const source = await sourceOf();
  const found = await orbitFeatures.analyse(
    contextOf(source, [await member("a", turned(source, 0)), await member("b", turned(source, 1))]),
    { rows: 64 },
  );
  const folder = new RunFolder(temporaryFolder());
  expect(await orbitFeatures.read(folder)).toBeUndefined();
  await folder.makeFolder("results");
  await folder.writeJson("results/orbit_features.json", found);
  expect(await orbitFeatures.read(folder)).toEqual(found);
  const { header, rows } = orbitFeatures.table(found);
  expect(rows.map((row) => row.length)).toEqual([header.length, header.length]);
  const page = orbitFeatures.sections(found).markup;
  expect(page.match(/<svg/g)).toHaveLength(3);
  expect(page).toContain("top-1 F1 by method");
  const sweep = orbitFeatures.sweepSections([found, { ...found, action: "wrong" }]).markup;
  expect(sweep.match(/<svg/g)).toHaveLength(3);
  expect(sweep).toContain("wrong, fixed");
});
