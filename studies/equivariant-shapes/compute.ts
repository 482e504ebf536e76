/** @file One seed: for each base model, SAEs on three kinds of rows, judged on one of them. */

import type { ActionDiagnostics, ArmNumbers, ComputeContext, Source } from "../../src/index.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import { ACTION_ARM, armOf, BASE_NAMES, ROWS_ARM } from "./arms.ts";
import { agreement, bothReadings, type Named, probed, reconstruction } from "./judged.ts";
import { BASES, type Base, METHODS, ROWS } from "./methods.ts";

/** Bins of eigenvalue angles, degrees. */
const ANGLE_STEP = 10;

const settingsOf = (base: Base, rows: string) => [
  `source.model.autoencoder=${base}`,
  `source.model.epochs=${BASES[base]}`,
  ...ROWS[rows]!.settings,
];

/** Opens the rows that all are judged on. */
function turned({ open }: ComputeContext, base: Base, more: readonly string[] = []) {
  return open({ name: `${base}/turned`, settings: [...settingsOf(base, "turned"), ...more] });
}

/** Trains the wanted methods on each kind of rows. @returns Members by method. */
async function trained(
  { train, backend }: ComputeContext,
  seed: number,
  base: Base,
  wanted: readonly string[],
): Promise<Map<string, Named[]>> {
  const found = new Map<string, Named[]>();
  for (const [rows, { methods }] of Object.entries(ROWS)) {
    const own = Object.entries(methods).filter(([method]) => wanted.includes(method));
    if (own.length === 0) continue;
    const members = own.flatMap(([method, { member, members: count }]) =>
      Array.from({ length: count }, (_, i) => ({
        name: `${method}.${i}`,
        // The same for all methods, so that those of one shape start with the same weights.
        seed: 2 * seed + i,
        ...member,
      })),
    );
    const folder = await train({
      name: `${base}/${rows}`,
      settings: [
        ...settingsOf(base, rows),
        `population.members=${members.length}`,
        `population.overrides=${JSON.stringify(members)}`,
      ],
    });
    for (const [method, { members: count }] of own) {
      const saes: Named[] = [];
      for (let i = 0; i < count; i++) {
        const name = `${method}.${i}`;
        saes.push({ name, sae: await loadSae(backend, folder.file("saes", name)) });
      }
      found.set(method, saes);
    }
  }
  return found;
}

/** How rows move: R² on held-out orbits, closure, and the eigenvalues of M. */
function actionNumbers({ provenance }: Source): Pick<ArmNumbers, "numbers" | "curves"> {
  const { elements, generators } = provenance["action"] as ActionDiagnostics;
  const { closure, condition, orthogonalR2, eigenvalues: found } = generators[0]!;
  const eigenvalues = found!;
  const bins = new Array<number>(180 / ANGLE_STEP + 1).fill(0);
  for (const { angle } of eigenvalues) bins[Math.round((angle * 180) / Math.PI / ANGLE_STEP)]!++;
  return {
    numbers: {
      r2_1: elements[0]!.r2,
      r2_2: elements[1]!.r2,
      r2_3: elements[2]!.r2,
      orthogonal_r2: orthogonalR2!,
      closure,
      ...(condition === null ? {} : { condition }),
      radius: Math.max(...eigenvalues.map(({ modulus }) => modulus)),
    },
    curves: { angles: { x: bins.map((_, i) => i * ANGLE_STEP), y: bins } },
  };
}

async function ofBase(
  context: ComputeContext,
  seed: number,
  base: Base,
  isWanted: (name: string) => boolean,
): Promise<ArmNumbers[]> {
  const { backend } = context;
  const wanted = Object.keys(METHODS).filter(isWanted);
  const members = await trained(context, seed, base, wanted);
  const source = await turned(context, base);
  const drawn = await turned(context, base, ["source.tasks_of=canonical"]);
  const labels = bothReadings((await source.labels!())!, (await drawn.labels!())!);
  await drawn.close();
  const first = wanted.map((method) => members.get(method)![0]!);
  const probes = await probed(backend, first, source, labels, seed);
  const sums = await reconstruction(backend, first, source);
  const found: ArmNumbers[] = [];
  for (const [i, method] of wanted.entries()) {
    const [a, b] = members.get(method)!;
    const { numbers, nulls } = probes.get(a!.name)!;
    const alike = b && (await agreement(backend, [a!.sae, b.sae], source));
    found.push({
      arm: armOf(method, base),
      seed,
      numbers: {
        ...numbers,
        ...sums[i]!,
        parameters: METHODS[method]!.parameters,
        ...alike?.numbers,
      },
      nulls: { ...nulls, ...alike?.nulls },
    });
  }
  if (isWanted(ROWS_ARM))
    found.push({ arm: armOf(ROWS_ARM, base), seed, ...probes.get("activations")! });
  if (isWanted(ACTION_ARM))
    found.push({ arm: armOf(ACTION_ARM, base), seed, ...actionNumbers(source) });
  await source.close();
  return found;
}

/** All arms that are wanted, under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const results: ArmNumbers[] = [];
  for (const base of BASE_NAMES) {
    const isWanted = (name: string) => context.arms.includes(armOf(name, base));
    if (![...Object.keys(METHODS), ROWS_ARM, ACTION_ARM].some(isWanted)) continue;
    results.push(...(await ofBase(context, seed, base, isWanted)));
    context.told(`${base}: done`);
  }
  return results;
}
