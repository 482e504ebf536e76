/** @file One seed of the toy part: runs by the rows that they train on, read member by member. */

import type { ArmNumbers, ComputeContext, RunFolder } from "../../src/index.ts";
import { armOf, COMPARED_ARMS, mfrArm } from "./arms.ts";
import {
  COMPARED,
  COMPARED_SIZE,
  MEMBERS,
  METHODS,
  MFR_WEIGHT,
  type Overrides,
  type Rows,
  rowsFor,
  SIZES,
  type Size,
} from "./methods.ts";

/** A member of results/orbit_features.json, and those numbers of it that have a null. */
type Found = Readonly<Record<string, number>> & { readonly name: unknown };

const MEASURED = [
  ["l0"],
  ["fvu"],
  ["fvu_modulo"],
  ["pose_change"],
  ["best", "best_null"],
  ["assigned", "assigned_null"],
  ["top1_f1", "top1_f1_null"],
  ["best_auroc", "best_auroc_null"],
  ["probe_auroc", "probe_auroc_null"],
  ["probe_f1", "probe_f1_null"],
] as const;

type Numbers = Pick<ArmNumbers, "numbers"> & { readonly nulls: Record<string, number> };

/** What the analysis found of each member, by name. */
async function foundIn(folder: RunFolder): Promise<Map<string, Numbers>> {
  const { members, rows_seen } = (await folder.readJson("results/orbit_features.json")) as {
    readonly members: readonly Found[];
    readonly rows_seen: number;
  };
  const evaluation = (await folder.readJson("results/evaluation.json")) as {
    readonly members: readonly {
      readonly name: string;
      readonly metrics: Readonly<Record<string, number>>;
    }[];
  };
  const dead = new Map(evaluation.members.map((m) => [m.name, m.metrics["dead_fraction"]!]));
  return new Map(
    members.map((member) => {
      const name = String(member.name);
      const numbers: Record<string, number> = { rows_seen, dead_fraction: dead.get(name)! };
      const nulls: Record<string, number> = {};
      for (const [value, chance] of MEASURED) {
        numbers[value] = member[value]!;
        if (chance) nulls[value] = member[chance]!;
      }
      return [name, { numbers, nulls }];
    }),
  );
}

/** Mean MCC of the pairs of some members, plain and modulo the group. */
async function agreementOf(folder: RunFolder, isOne: (name: string) => boolean) {
  const { pairs } = (await folder.readJson("results/consistency.json")) as {
    readonly pairs: readonly (Readonly<Record<string, number>> & {
      readonly a: unknown;
      readonly b: unknown;
    })[];
  };
  const own = pairs.filter(({ a, b }) => isOne(String(a)) && isOne(String(b)));
  const mean = (key: string) => own.reduce((sum, pair) => sum + pair[key]!, 0) / own.length;
  return {
    numbers: { pw_mcc: mean("mcc"), pw_mcc_modulo: mean("mcc_modulo") },
    nulls: { pw_mcc: mean("mcc_null"), pw_mcc_modulo: mean("mcc_modulo_null") },
  };
}

/** A YAML list of members, in one line. */
function overridesText(members: readonly Overrides[]): string {
  return `population.overrides=${JSON.stringify(members)}`;
}

const shapeOf = (features: Size, members: number) => [
  `source.features=${features}`,
  `population.members=${members}`,
];

/** Trains the methods of some rows together: they see the same batches. */
async function ofRows(
  { train }: ComputeContext,
  seed: number,
  { name, rows, features }: { readonly name: string; readonly rows: Rows; readonly features: Size },
  wanted: readonly string[],
): Promise<Map<string, Numbers>> {
  const members = wanted.map((method) => {
    const { member, start } = METHODS[method]!;
    const own = start === undefined ? {} : { seed: seed + start };
    // In `exact` places give these seeds.
    return { name: method, ...(name === "exact" ? {} : own), ...member(features) };
  });
  const settings = [...shapeOf(features, members.length), ...rows.settings, overridesText(members)];
  return foundIn(await train({ name: `f${features}/${name}`, settings }));
}

/** Members of one method with seeds of their own: `narrow.0`, `narrow.1`, … */
const replicas = (method: string, more: Overrides = {}) =>
  Array.from({ length: MEMBERS }, (_, i) => ({
    name: `${method}.${i}`,
    seed: i,
    ...METHODS[method]!.member(COMPARED_SIZE),
    ...more,
  }));

/** How alike members of one method are; and equivariant ones that a coupling pulls together. */
async function compared({ train, arms }: ComputeContext, seed: number): Promise<ArmNumbers[]> {
  const found: ArmNumbers[] = [];
  const methods = COMPARED.filter((method) => arms.includes(COMPARED_ARMS[method]));
  if (methods.length > 0) {
    const members = methods.flatMap((method) => replicas(method));
    const settings = [...shapeOf(COMPARED_SIZE, members.length), overridesText(members)];
    const folder = await train({ name: "compared", settings });
    for (const method of methods) {
      const numbers = await agreementOf(folder, (name) => name.startsWith(`${method}.`));
      found.push({ arm: COMPARED_ARMS[method], seed, ...numbers });
    }
  }
  if (!arms.includes(mfrArm)) return found;
  const members = replicas("canonical");
  const folder = await train({
    name: "mfr",
    settings: [
      ...shapeOf(COMPARED_SIZE, members.length),
      overridesText(members),
      `coupling={ weight: ${MFR_WEIGHT} }`,
    ],
  });
  const agreement = await agreementOf(folder, () => true);
  const own = [...(await foundIn(folder)).values()];
  const mean = (of: (one: Numbers) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.keys(of(own[0]!)).map((key) => [
        key,
        own.reduce((sum, one) => sum + of(one)[key]! / own.length, 0),
      ]),
    );
  found.push({
    arm: mfrArm,
    seed,
    numbers: { ...mean((one) => one.numbers), ...agreement.numbers },
    nulls: { ...mean((one) => one.nulls), ...agreement.nulls },
  });
  return found;
}

/** All arms that are wanted, under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const results: ArmNumbers[] = [];
  for (const features of SIZES)
    for (const [name, rows] of rowsFor(features)) {
      const wanted = Object.keys(rows.methods).filter((method) =>
        context.arms.includes(armOf(method, features)),
      );
      if (wanted.length === 0) continue;
      const found = await ofRows(context, seed, { name, rows, features }, wanted);
      for (const method of wanted)
        results.push({ arm: armOf(method, features), seed, ...found.get(method)! });
      context.told(`${features} features, ${name}: done`);
    }
  return [...results, ...(await compared(context, seed))];
}
