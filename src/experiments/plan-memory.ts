/**
 * @file How much memory a run will take, before it starts: the most that is resident from its
 *   beginning to its end. What the population, its coupling and the evaluation allocate is counted
 *   by preparing them with a backend that only counts; what passes through memory meanwhile is
 *   estimated from the shapes. Garbage is collected between the phases of a run, so that each pays
 *   for its own alone.
 */

import type { Backend } from "../backend/backend.ts";
import { countingBackend } from "../backend/counting-backend.ts";
import type { Config } from "../config/schema.ts";
import { COMPLETE_PAIRS } from "../consistency/matching/one-to-one.ts";
import { EVALUATION_BATCH } from "../evaluate/evaluate-saes.ts";
import { PAIRS_AT_ONCE } from "../population/couplings/mfr.ts";
import type { Population, PopulationMember } from "../population/population.ts";
import { PIECE_BYTES } from "../runs/checkpoints.ts";
import { auxWorkspace } from "../sae/aux-k.ts";
import { denseWorkspace } from "../sae/dense-path.ts";
import { namedArrays } from "../sae/parameters.ts";
import { openSaeRunner, saeOf } from "../sae/sae.ts";
import { keptGradients, type Workspace } from "../sae/workspace.ts";
import type { SourceFacts } from "../sources/source-kind.ts";
import { type BuiltPopulation, buildPopulation } from "./build-population.ts";

export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
}

export interface MemoryPlan {
  /** Held from the first step to the last result, the process itself included. */
  readonly held: readonly MemoryItem[];
  /** What each phase takes beside that. */
  readonly phases: readonly MemoryItem[];
  /** The peak to expect: all that is held, and the largest phase. */
  readonly bytes: number;
  /** The peak when every latent dies or, with ReLU, half of all latents are active. */
  readonly mostBytes: number;
}

const MIB = 2 ** 20;

/**
 * Arrays that nobody uses any more lie about until V8 collects them, which it does when those since
 * the last time come to this; half of its limit of 64 MiB, at which it begins to mark. The one that
 * is being allocated meanwhile comes on top.
 */
const GARBAGE_BYTES = 32 * MIB;

/**
 * The two halves of V8's young generation, through which the objects of every step pass, and the
 * code that it compiles.
 */
const OBJECT_BYTES = 16 * MIB;

/** Fraction of the latents that is taken for dead once any can be. */
const EXPECTED_DEAD = 0.1;

/** Fraction of active latents of a ReLU member that has learnt nothing. */
const UNTRAINED_DENSITY = 0.5;

/** What is left lying about of `times` arrays, or sets of arrays, of `bytes` each. */
function garbage(bytes: number, times: number): number {
  return Math.min(bytes * Math.max(0, times), GARBAGE_BYTES + bytes);
}

function workspacesOf({ members }: Population): Map<Workspace, PopulationMember> {
  return new Map(members.map((member) => [member.workspace, member]));
}

/**
 * Memory of AuxK when a fraction `dead` of the latents is dead; 0 while too few activations have
 * passed for any to be.
 */
function auxBytes(backend: Backend, config: Config, source: SourceFacts, dead: number): number {
  const counter = countingBackend(backend);
  const { population, totalSteps } = buildPopulation(counter.backend, config, source);
  const before = counter.bytes;
  for (const [workspace, { spec, parameters }] of workspacesOf(population)) {
    const settings = spec.auxK;
    if (!settings || totalSteps * config.training.batch < settings.deadAfterTokens) continue;
    const latents = Math.ceil(dead * parameters.dSae);
    auxWorkspace(workspace, latents, Math.min(settings.kAux, latents), settings);
  }
  return counter.bytes - before;
}

/**
 * For each row of two dictionaries: the atoms and reaches of up to half of the rows, when no others
 * look for partners.
 */
function bytesOfFew(d: number): number {
  return (4 * (d + 32)) / 2;
}

/**
 * The two random dictionaries of a null, and what matching two dictionaries allocates, again for
 * each two; see consistency/.
 */
function comparisonBytes(
  backend: Backend,
  [n, m, d]: readonly [n: number, m: number, d: number],
): { readonly nulls: number; readonly scratch: number } {
  const candidates = Math.min(m, 16);
  const { bytes: packed } = backend.encoderPacking({ dIn: d, dSae: m, k: candidates });
  const graphs = 3 * 8 * n * candidates;
  const cosines = 4 * Math.min(n, 256) * (m + d);
  const reach = n * (4 * 32 + bytesOfFew(d));
  return { nulls: 4 * (n + m) * d, scratch: packed + graphs + cosines + reach };
}

/**
 * Matchings between two collections of garbage: of two members, and three times of random
 * dictionaries of their shapes.
 */
const MATCHINGS_A_PAIR = 4;

/** What comparing every two members, and each with the truth, takes. */
function comparingBytes(backend: Backend, { population }: BuiltPopulation, truth: number): number {
  const { members, dIn } = population;
  const widths = [...new Set(members.map((m) => m.parameters.dSae))];
  const others = members.length > 1 ? [...widths, truth] : [truth];
  const shapes = widths.flatMap((n) =>
    others.filter((m) => m > 0).map((m) => [n, m, dIn] as const),
  );
  const each = shapes.map((shape) => comparisonBytes(backend, shape));
  const nulls = Math.max(0, ...each.map((c) => c.nulls));
  const scratch = Math.max(0, ...each.map((c) => c.scratch));
  return nulls + scratch + garbage(scratch, MATCHINGS_A_PAIR - 1);
}

/**
 * What the matching of some pairs at a time takes in a step, and the packed atoms that a coupling
 * keeps for it.
 */
function matchingBytes(
  backend: Backend,
  { coupling, population, members }: BuiltPopulation,
): { readonly scratch: number; readonly packed: number } {
  if (!coupling) return { scratch: 0, packed: 0 };
  const coupled = members.filter((m) => m.coupled).length;
  const atOnce = Math.min(PAIRS_AT_ONCE, (coupled * (coupled - 1)) / 2);
  const largest = Math.max(...population.members.map((m) => m.parameters.dSae));
  if (largest * largest <= COMPLETE_PAIRS)
    return { scratch: atOnce * 4 * largest * largest, packed: 0 };
  const { dIn } = population;
  const { bytes } = backend.encoderPacking({ dIn, dSae: largest, k: 16 });
  const scratch = largest * (3 * 8 * 16 + bytesOfFew(dIn));
  return { scratch: atOnce * scratch, packed: (coupled - 1) * bytes };
}

/** What `fillOrthogonal` takes beside the matrix itself. */
function orthogonalBytes(rows: number, columns: number): number {
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  // Fewer rows than columns: the transposed matrix is drawn, and turned.
  const turned = rows < columns ? 8 * rows * columns : 0;
  if (long < 1.5 * short) return turned + 8 * long * short;
  return turned + 4 * long * short + 24 * short * short;
}

/**
 * Matrices of weights in memory while a saved SAE is read: as stored, turned, in our form, and as
 * the member has them.
 */
const MATRICES_OF_A_START = 7;

/** What drawing or reading the starting weights takes for a moment. */
function startingBytes({ population, members }: BuiltPopulation): number {
  const { batch, dIn } = population;
  const of = ({ spec, parameters: p }: PopulationMember, i: number) => {
    if (members[i]!.initFrom !== undefined) return MATRICES_OF_A_START * 4 * p.dSae * dIn;
    const draw = spec.weightInit === "orthogonal" ? orthogonalBytes(p.dSae, dIn) : 0;
    return Math.max(draw, spec.decoderBias === "geometric_median" ? 4 * batch * dIn : 0);
  };
  return Math.max(...population.members.map(of));
}

async function runnerBytes(
  backend: Backend,
  members: readonly PopulationMember[],
  source: SourceFacts,
): Promise<number> {
  const counter = countingBackend(backend);
  const batch = Math.min(EVALUATION_BATCH, source.heldOutRows);
  for (const member of members) await openSaeRunner(counter.backend, saeOf(member), batch);
  return counter.bytes + (source.hasTargets ? 8 : 4) * batch * source.dIn;
}

/**
 * What the targets of two batches take, the next one's among them, and those of one centred for
 * each workspace.
 */
function targetBytes(population: Population): number {
  const { batch, dIn } = population;
  return 4 * batch * dIn * (2 + workspacesOf(population).size);
}

/** Bytes of a checkpoint's arrays. */
export function stateBytes({ population, coupling }: BuiltPopulation): number {
  const arrays = population.members.flatMap((m) => [
    ...Object.values(namedArrays(m.parameters)),
    m.tokensSinceFired,
    ...(coupling ? Object.values(m.movement.arrays()) : []),
  ]);
  return [...arrays, ...Object.values(coupling?.arrays() ?? {})].reduce(
    (sum, { length, BYTES_PER_ELEMENT }) => sum + length * BYTES_PER_ELEMENT,
    0,
  );
}

/**
 * The memory of a run.
 *
 * @param baseBytes Resident memory of the process before anything is opened: the interpreter, the
 *   native core and the code.
 * @throws {ConfigError} and {ConcordError} for a config that cannot be built.
 */
export async function planMemory(
  backend: Backend,
  config: Config,
  source: SourceFacts,
  baseBytes: number,
): Promise<MemoryPlan> {
  const alone = countingBackend(backend);
  buildPopulation(alone.backend, { ...config, coupling: undefined }, source);
  const counter = countingBackend(backend);
  const built = buildPopulation(counter.backend, config, source);
  const { population, totalSteps } = built;
  const { members, batch, dIn } = population;
  const counted = counter.bytes;
  const reluSpaces = [...workspacesOf(population)].filter(
    ([, { spec }]) => spec.selection.kind === "relu",
  );
  for (const [workspace] of reluSpaces) denseWorkspace(workspace);
  const countedDense = counter.bytes;
  for (const { spec, workspace, parameters } of members)
    if (spec.clipNorm !== undefined) keptGradients(workspace, parameters);

  const sum = (of: (member: PopulationMember) => number) =>
    members.reduce((total, member) => total + of(member), 0);
  const parameters = sum((m) =>
    Object.values(namedArrays(m.parameters)).reduce((total, a) => total + 4 * a.length, 0),
  );
  const packed = sum((m) => m.packed.length);
  const latents = sum((m) => m.parameters.dSae);
  const matching = matchingBytes(backend, built);
  const held: MemoryItem[] = [
    { what: "the process", bytes: baseBytes },
    { what: "objects", bytes: OBJECT_BYTES },
    { what: "source", bytes: source.memoryBytes },
    { what: "parameters and moments", bytes: parameters },
    { what: "packed encoders", bytes: packed },
    {
      what: "workspaces",
      bytes: alone.bytes - parameters - packed + 8 * latents + 8 * batch * dIn,
    },
    { what: "coupling", bytes: counted - alone.bytes + matching.packed },
    { what: "dense path", bytes: countedDense - counted },
    { what: "clipped gradients", bytes: counter.bytes - countedDense },
    ...(source.hasTargets ? [{ what: "targets", bytes: targetBytes(population) }] : []),
    { what: "AuxK", bytes: auxBytes(backend, config, source, EXPECTED_DEAD) },
  ];

  const starting = startingBytes(built);
  const runners = await runnerBytes(backend, members, source);
  const comparing = comparingBytes(backend, built, source.trueFeatures);
  const transposed = 4 * dIn * Math.max(...members.map((m) => m.parameters.dSae));
  const phases: MemoryItem[] = [
    { what: "starting", bytes: starting + garbage(starting, members.length - 1) },
    {
      what: "training",
      bytes: matching.scratch + garbage(matching.scratch, totalSteps - 1) + PIECE_BYTES,
    },
    { what: "evaluating", bytes: runners },
    { what: "comparing", bytes: comparing },
    // A factor is folded into a copy of the decoder.
    {
      what: "writing",
      bytes: config.source.normalize === "expected_norm" ? 2 * transposed : transposed,
    },
  ];
  const largest = (of: readonly MemoryItem[]) => Math.max(...of.map(({ bytes }) => bytes));
  const all = held.reduce((total, { bytes }) => total + bytes, 0);

  const allDead = auxBytes(backend, config, source, 1) - held.at(-1)!.bytes;
  // Six arrays of a step's code, and two of a runner's.
  const full = reluSpaces.reduce(
    (total, [w]) => total + 24 * Math.max(0, 0.125 * batch * w.dSae - w.code.indices.length),
    0,
  );
  const evaluated = Math.min(EVALUATION_BATCH, source.heldOutRows);
  const fullRunners = sum((m) =>
    m.spec.selection.kind === "relu"
      ? 8 * 1.25 * UNTRAINED_DENSITY * evaluated * m.parameters.dSae
      : 0,
  );
  const most = phases.map(({ what, bytes }) => ({
    what,
    bytes: bytes + (what === "evaluating" ? fullRunners : 0),
  }));
  return {
    held,
    phases,
    bytes: all + largest(phases),
    mostBytes: all + allDead + full + largest(most),
  };
}
