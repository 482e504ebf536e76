/**
 * @file Compares what `concord plan` predicts with what `concord run` takes: the peak of resident
 *   memory, and the disk. The built command line plans and runs each case, in processes of their
 *   own. The runs of a sweep share a process, and each is compared with its own plan. Training is
 *   shortened where its length does not affect memory. The time is that of training.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import type { BenchLine } from "./harness.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** The peak may be this much above or below the plan. */
const TOLERANCE = 0.15;

interface Case {
  readonly name: string;
  readonly config: string;
  readonly settings: readonly string[];
}

const SYNTHETIC = ["source.groups=12", "source.active=32", "source.held_out_rows=8192"];

const PLAN_CASES: readonly Case[] = [
  { name: "quickstart", config: "quickstart.yaml", settings: [] },
  {
    name: "one wide TopK member with AuxK",
    config: "quickstart.yaml",
    settings: [
      ...SYNTHETIC,
      "source.d_in=768",
      "source.features=1536",
      "population.members=1",
      "population.independent=0",
      "population.d_sae=24576",
      "population.k=32",
      "population.aux_k={dead_after_tokens: 40000}",
      "training.batch=4096",
      "training.steps=20",
    ],
  },
  {
    name: "ten coupled members of the GPT-2 setting",
    config: "quickstart.yaml",
    settings: [
      ...SYNTHETIC,
      "source.d_in=768",
      "source.features=1536",
      "population.members=10",
      "population.independent=0",
      "population.architecture=topk_tied",
      "population.d_sae=3072",
      "population.k=6",
      "coupling={weight: 1}",
      "training.batch=500",
      "training.steps=3",
    ],
  },
  {
    name: "ReLU members, whose codes are dense at first",
    config: "quickstart.yaml",
    settings: [
      ...SYNTHETIC,
      "source.d_in=256",
      "source.features=512",
      "population.architecture=relu",
      "population.l1=0.002",
      "population.d_sae=2048",
      "training.batch=1024",
      "training.steps=100",
    ],
  },
  {
    name: "MFR on synthetic data",
    config: "mfr/synthetic.yaml",
    settings: ["training.steps=60", "training.checkpoint_every=20"],
  },
  {
    name: "simulated EEG, three weights",
    config: "mfr/eeg-simulated.yaml",
    settings: ["training.epochs=1"],
  },
  {
    name: "simulated EEG, disturbed windows",
    config: "eeg-denoising.yaml",
    settings: ["training.steps=60", "training.checkpoint_every=30"],
  },
  {
    name: "stories15m, activations collected first",
    config: "demo.yaml",
    settings: ["coupling.weight=1", "training.epochs=1"],
  },
  {
    name: "stories15m, activations there",
    config: "demo.yaml",
    settings: ["coupling.weight=1", "training.epochs=1"],
  },
  { name: "the demo, both weights", config: "demo.yaml", settings: ["training.epochs=2"] },
];

function concord(args: readonly string[], env: Readonly<Record<string, string>>): string {
  return execFileSync(process.execPath, [join(ROOT, "dist/cli/main.js"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 26,
  });
}

/** The parts of the output of `plan --json` and `run --json` that matter here. */
interface Planned {
  readonly memory: { readonly peak_bytes: number; readonly most_bytes: number };
  readonly disk: { readonly bytes: number };
}
interface Ran {
  readonly run: string;
  readonly measured: Readonly<
    Record<"peak_memory_bytes" | "disk_bytes" | "training_seconds", number>
  >;
}

/** The result of one run, or the results of a sweep. */
function each<T>(json: string): T[] {
  return [JSON.parse(json)].flat();
}

/**
 * Plans and runs one case below `folder`. @returns Planned and measured bytes of each of its runs,
 * and their ratio.
 */
function benchCase(
  { name, config, settings }: Case,
  folder: string,
  { threads, isa }: Pick<Backend, "threads" | "isa">,
): BenchLine[] {
  // Cases of one config share a cache: the demo's first case collects.
  const env = { CONCORD_THREADS: String(threads), CONCORD_CACHE: join(folder, "cache") };
  const path = join(ROOT, "configs", config);
  const sets = settings.flatMap((setting) => ["--set", setting]);
  if (config === "demo.yaml") concord(["models", "get", "stories15m"], env);
  const planned = each<Planned>(concord(["plan", path, ...sets, "--json"], env));
  const runs = ["--set", `runs_folder=${mkdtempSync(join(folder, "runs-"))}`];
  const ran = each<Ran>(concord(["run", path, ...sets, ...runs, "--json"], env));
  return ran.map(({ run, measured }, i) => {
    const { memory, disk } = planned[i]!;
    const share = measured.peak_memory_bytes / memory.peak_bytes;
    const ms = Number((1000 * measured.training_seconds).toPrecision(5));
    const which = ran.length > 1 ? `, ${basename(run)}` : "";
    return {
      name: `plan: ${name}${which}`,
      shape: {},
      threads,
      isa,
      ms: { min: ms, median: ms },
      config,
      settings,
      planned_bytes: memory.peak_bytes,
      most_bytes: memory.most_bytes,
      peak_bytes: measured.peak_memory_bytes,
      peak_over_plan: Number(share.toPrecision(4)),
      planned_disk_bytes: disk.bytes,
      disk_bytes: measured.disk_bytes,
      target: `peak memory within ${100 * TOLERANCE} % of the plan`,
      reached: Math.abs(share - 1) <= TOLERANCE,
    };
  });
}

/** @returns The lines of all cases. */
export async function benchPlan(backend: Backend): Promise<BenchLine[]> {
  const folder = mkdtempSync(join(tmpdir(), "concord-plan-"));
  try {
    return PLAN_CASES.flatMap((one) => benchCase(one, folder, backend));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
