/**
 * @file The symmetry of a source whose rows come in orbits. Its matrices are read from a file, or
 *   fitted on training orbits and measured on held-out ones.
 */

import { resolve } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { asFloat32, showShape, type Tensor } from "../../base/tensor.ts";
import { ConcordError } from "../../errors.ts";
import { openNpy } from "../../formats/npy.ts";
import { actionError, matricesOf } from "../../symmetry/action.ts";
import { type ActionDiagnostics, diagnoseAction } from "../../symmetry/diagnose.ts";
import { type FittedAction, fitAction } from "../../symmetry/fit-action.ts";
import type { FiniteGroup } from "../../symmetry/group.ts";
import { type Orbits, orbitsOf } from "../../symmetry/orbits.ts";
import type { Source } from "../source.ts";
import type { Symmetry } from "../symmetry.ts";
import { groupOf, type OrbitConfig } from "./orbit-keys.ts";

/** Matrices that act further than this from their group are of another one. */
const MOST_ACTION_ERROR = 0.5;

/** Matrices that act as nearly as this as their group are exact. */
const EXACT_ACTION_ERROR = 1e-4;

/** Held-out orbits that a fit is measured on, at most. */
const MEASURED_ORBITS = 1024;

/** The next orbits of the training stream, which is put back. */
async function trainingOrbits(source: Source, size: number, most: number): Promise<Orbits> {
  const { train, dIn } = source;
  const all = Math.floor((train.rowsPerPass ?? most * size) / size);
  const rows = new Float32Array(Math.min(most, all) * size * dIn);
  const before = train.state();
  await train.next(rows);
  await train.seek(before);
  return orbitsOf(rows, size, dIn);
}

async function heldOutOrbits({ heldOut, dIn }: Source, size: number): Promise<Orbits> {
  const count = Math.min(MEASURED_ORBITS, Math.floor(heldOut.rows / size));
  const rows = new Float32Array(count * size * dIn);
  await heldOut.read(0, rows);
  return orbitsOf(rows, size, dIn);
}

/**
 * Fits the matrices of a source's group, as `orbit` says.
 *
 * @param source Serves whole orbits; its stream is put back to where it was.
 */
export async function fitSource(
  backend: Backend,
  source: Source,
  group: FiniteGroup,
  orbit: OrbitConfig,
): Promise<FittedAction> {
  const { method, of, trainOnAllK, epochs, learningRate: lr, orbits } = orbit;
  const fit = await trainingOrbits(source, group.size, orbits);
  const heldOut = await heldOutOrbits(source, group.size);
  return fitAction(backend, group, fit, heldOut, { method, of, trainOnAllK, epochs, lr });
}

/** Measures given matrices of a source's group on its held-out orbits. */
export async function measureAction(
  backend: Backend,
  source: Source,
  group: FiniteGroup,
  matrices: Float32Array,
): Promise<ActionDiagnostics> {
  return diagnoseAction(backend, group, await heldOutOrbits(source, group.size), matrices);
}

async function readNpy(path: string): Promise<Tensor> {
  const file = await openNpy(path);
  try {
    return await file.read();
  } finally {
    await file.close();
  }
}

/**
 * Reads the matrices of a group from a .npy file: [size, d, d] of all poses, [generators, d, d], or
 * [d, d] of the only generator.
 *
 * @throws {ConcordError} "argument/invalid" when they are of another shape, or act as another
 *   group.
 */
export async function readAction(
  path: string,
  group: FiniteGroup,
  d: number,
): Promise<Float32Array> {
  const tensor = await readNpy(path);
  const { shape } = tensor;
  const count = shape.length === 2 ? 1 : (shape[0] ?? 0);
  const isSquare = shape.length >= 2 && shape.length <= 3 && shape.slice(-2).every((n) => n === d);
  const generators = group.generators.length;
  if (!isSquare || (count !== group.size && count !== generators))
    throw new ConcordError(
      "argument/invalid",
      `${path} has shape ${showShape(shape)}; the matrices of ${group.name} are [${group.size}, ${d}, ${d}], or [${generators}, ${d}, ${d}] for its generators.`,
      {
        hint: "Save one matrix for each pose, or for each generator, of rows of the source's width.",
      },
    );
  const values = asFloat32(tensor);
  const matrices =
    count === group.size
      ? values
      : matricesOf(
          group,
          Array.from({ length: count }, (_, i) =>
            Float64Array.from(values.subarray(i * d * d, (i + 1) * d * d)),
          ),
          d,
        );
  const error = actionError(group, matrices);
  if (!(error <= MOST_ACTION_ERROR))
    throw new ConcordError(
      "argument/invalid",
      `The matrices of ${path} do not act as ${group.name}: products are off by ${error.toPrecision(2)} of a unit.`,
      { hint: "Check source.orbit.group, and the order of the poses." },
    );
  return matrices;
}

/** What a person should know of a fit. */
function noticeOf({ group, elements, orbits, generators }: ActionDiagnostics): string {
  const r2 = elements.map((one) => `${one.name} ${one.r2.toFixed(3)}`).join(", ");
  const closure = Math.max(...generators.map((one) => one.closure));
  return `The action of ${group} was fitted. R² on ${orbits} held-out orbits: ${r2}. Closure error ${closure.toPrecision(2)}.`;
}

/**
 * A source of orbits with its symmetry.
 *
 * @throws {ConcordError} as `readAction`; "argument/invalid" when there are no whole orbits.
 */
export async function withSymmetry(
  source: Source,
  orbit: OrbitConfig,
  context: { readonly backend: Backend; readonly baseFolder: string },
): Promise<Source> {
  const group = groupOf(orbit);
  const { size, name, products } = group;
  const base = { group: name, size, products };
  if (orbit.action !== "fitted") {
    const path = resolve(context.baseFolder, orbit.action);
    const matrices = await readAction(path, group, source.dIn);
    const isExact = actionError(group, matrices) <= EXACT_ACTION_ERROR;
    return { ...source, symmetry: { ...base, matrices, isExact } };
  }
  const { matrices, diagnostics, rank } = await fitSource(context.backend, source, group, orbit);
  const symmetry: Symmetry = { ...base, matrices, isExact: false };
  const notices = [...(source.notices ?? []), noticeOf(diagnostics)];
  if (rank < source.dIn)
    notices.push(
      `Rows vary in ${rank} of ${source.dIn} directions; matrices of ${name} say nothing about the others.`,
    );
  return { ...source, symmetry, notices };
}

/** The same, of a source that was just opened: it is closed when that fails. */
export async function withOrbits(
  source: Source,
  orbit: OrbitConfig,
  context: { readonly backend: Backend; readonly baseFolder: string },
): Promise<Source> {
  try {
    return await withSymmetry(source, orbit, context);
  } catch (error) {
    await source.close();
    throw error;
  }
}
