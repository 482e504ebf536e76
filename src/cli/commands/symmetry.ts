/** @file concord symmetry: how a group acts on rows. */

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { given } from "../../base/given.ts";
import { float32Tensor } from "../../base/tensor.ts";
import { loadConfig } from "../../config/load-config.ts";
import { ConfigError } from "../../errors.ts";
import { openSource } from "../../experiments/open-source.ts";
import { writeNpy } from "../../formats/npy.ts";
import { openArraySource } from "../../sources/arrays/array-source.ts";
import { groupOf, type OrbitConfig } from "../../sources/orbit/orbit-keys.ts";
import { fitSource, measureAction, readAction } from "../../sources/orbit/orbit-symmetry.ts";
import { INDEX_FILE } from "../../sources/shards/shard-index.ts";
import { openShardSource } from "../../sources/shards/shard-source.ts";
import type { Source } from "../../sources/source.ts";
import type { ActionDiagnostics, GeneratorDiagnostics } from "../../symmetry/diagnose.ts";
import type { FiniteGroup } from "../../symmetry/group.ts";
import { groupNamed } from "../../symmetry/named-groups.ts";
import { backendFor, cacheDir, catalogueOptions, interruptSignal } from "../environment.ts";
import { oneRun } from "../one-run.ts";
import { CollectLine, short, table } from "../output.ts";
import { print } from "../print.ts";

interface Options {
  readonly group: string;
  readonly action?: string;
  readonly method: OrbitConfig["method"];
  readonly of: OrbitConfig["of"];
  readonly canonicalOnly?: boolean;
  readonly epochs: number;
  readonly learningRate: number;
  readonly orbits: number;
  readonly heldOutRows?: number;
  readonly seed: number;
  readonly out?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Rows in orbits, and what is asked of them. */
interface Asked {
  readonly source: Source;
  readonly group: FiniteGroup;
  readonly orbit: OrbitConfig;
  /** Folder that a path in `orbit.action` starts from. */
  readonly base: string;
}

function orbitOf(options: Options): OrbitConfig {
  const { group, action = "fitted", method, of, canonicalOnly, epochs, learningRate } = options;
  const trainOnAllK = canonicalOnly !== true;
  return { group, action, method, of, trainOnAllK, epochs, learningRate, orbits: options.orbits };
}

/** What a config's source has; its own action where the rows are not in files. */
async function ofConfig(path: string, options: Options): Promise<Asked> {
  const { config } = oneRun(await loadConfig(path), path);
  const { backend } = backendFor();
  const signal = interruptSignal();
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(options.offline, line.download, signal);
  const base = dirname(path);
  const opening = { backend, cacheDir: cacheDir(), signal, catalogue, baseFolder: base };
  const source = await openSource(config, { ...opening, onProgress: line.progress });
  line.clear();
  const own = (config.source as { readonly orbit?: OrbitConfig }).orbit;
  if (own) return { source, group: groupOf(own), orbit: own, base };
  if (source.symmetry)
    return { source, group: groupNamed(source.symmetry.group), orbit: orbitOf(options), base };
  await source.close();
  throw new ConfigError(`${path}: the rows of its source are not orbits of a group.`, {
    hint: "Give source.orbit, or name the array of orbits.",
  });
}

async function open(path: string, options: Options): Promise<Asked> {
  if (/\.ya?ml$/i.test(path)) return ofConfig(path, options);
  const orbit = orbitOf(options);
  const group = groupOf(orbit);
  const { seed, heldOutRows } = options;
  const common = given({ seed, heldOutRows, orbitSize: group.size, kernels: backendFor().backend });
  const isStore =
    statSync(path, { throwIfNoEntry: false })?.isDirectory() && existsSync(join(path, INDEX_FILE));
  const source = isStore
    ? await openShardSource({ folder: path, ...common })
    : await openArraySource({ path, ...common });
  return { source, group, orbit, base: "." };
}

const degrees = (angle: number) => Math.round((angle * 180) / Math.PI);

/** Moduli of the eigenvalues of M, and the largest angle from one to a multiple of 2π/n. */
function eigenvalueText({ eigenvalues, order }: GeneratorDiagnostics): [string, string] {
  if (eigenvalues === null) return ["–", "–"];
  const moduli = eigenvalues.map(({ modulus }) => modulus);
  const step = (2 * Math.PI) / order;
  const off = eigenvalues.map(({ angle }) => Math.abs(angle - step * Math.round(angle / step)));
  return [
    `${short(Math.min(...moduli))} to ${short(Math.max(...moduli))}`,
    `${degrees(Math.max(...off))}°`,
  ];
}

function resultText({ group, orbits, dIn, elements, generators, actionError }: ActionDiagnostics) {
  const r2 = elements.map(({ name, r2 }) => [name, r2.toFixed(4)]);
  const rows = generators.map((one) => [
    one.name,
    String(one.order),
    short(one.closure),
    one.condition === null ? "singular" : short(one.condition),
    one.orthogonalR2 === null ? "–" : one.orthogonalR2.toFixed(4),
    one.angles === null
      ? "–"
      : one.angles.map(({ angle, count }) => `${degrees(angle)}° × ${count}`).join(", "),
    ...eigenvalueText(one),
  ]);
  const header = [
    "generator",
    "order",
    "closure",
    "condition",
    "R², orthogonal",
    "angles",
    "|λ|",
    "λ off by",
  ];
  return `${table(["element", "R²"], r2)}

${table(header, rows)}

${group} on rows of ${dIn}, ${orbits} held-out orbits. R²: over all pairs (pose j, pose k · j).
Closure: ‖M^n − I‖_F / √d; products are off by ${short(actionError)}. Angles: of the orthogonal
matrix nearest to M. λ: eigenvalues of M itself, and how far their angles are from multiples of 2π/n.
`;
}

function resultJson(found: ActionDiagnostics, rank: number | null, out: string | undefined) {
  return {
    group: found.group,
    size: found.size,
    d_in: found.dIn,
    orbits: found.orbits,
    rank,
    action_error: found.actionError,
    elements: found.elements,
    generators: found.generators.map(({ orthogonalR2, ...one }) => ({
      ...one,
      orthogonal_r2: orthogonalR2,
    })),
    out: out ?? null,
  };
}

export async function symmetry(path: string, options: Options): Promise<void> {
  const { backend } = backendFor();
  const { source, group, orbit, base } = await open(path, options);
  try {
    const given =
      orbit.action !== "fitted"
        ? await readAction(join(base, orbit.action), group, source.dIn)
        : source.symmetry?.isExact
          ? source.symmetry.matrices
          : undefined;
    const fitted = given ? undefined : await fitSource(backend, source, group, orbit);
    const matrices = fitted?.matrices ?? given!;
    const found = fitted?.diagnostics ?? (await measureAction(backend, source, group, matrices));
    const { out } = options;
    if (out !== undefined)
      await writeNpy(out, float32Tensor([group.size, source.dIn, source.dIn], matrices));
    const json = resultJson(found, fitted?.rank ?? null, out);
    print(options.json ? `${JSON.stringify(json)}\n` : resultText(found));
  } finally {
    await source.close();
  }
}
