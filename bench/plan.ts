/**
 * @file What `concord plan` says against what `concord run` takes: the peak of resident memory, and the disk. Each case is planned and
 * then run by the built command line, in processes of their own. The time is that of the training.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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

const CASES: readonly Case[] = [
  { name: "quickstart", config: "quickstart.yaml", settings: [] },
  {
    name: "one wide TopK member with AuxK",
    config: "quickstart.yaml",
    settings: [
      ...[...SYNTHETIC, "source.d_in=768", "source.features=1536", "population.members=1"],
      ...["population.independent=0", "population.d_sae=24576", "population.k=32"],
      ...["population.aux_k={dead_after_tokens: 40000}", "training.batch=4096"],
      "training.steps=20",
    ],
  },
  {
    name: "ten coupled members of the GPT-2 setting",
    config: "quickstart.yaml",
    settings: [
      ...[...SYNTHETIC, "source.d_in=768", "source.features=1536", "population.members=10"],
      ...["population.independent=0", "population.architecture=topk_tied"],
      ...["population.d_sae=3072", "population.k=6", "coupling={weight: 1}"],
      ...["training.batch=500", "training.steps=60"],
    ],
  },
  {
    name: "ReLU members, whose codes are dense at first",
    config: "quickstart.yaml",
    settings: [
      ...[...SYNTHETIC, "source.d_in=256", "source.features=512", "population.architecture=relu"],
      ...["population.k=", "population.l1=0.002", "population.d_sae=2048"],
      ...["training.batch=1024", "training.steps=100"],
    ],
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
];

function concord(args: readonly string[], env: Readonly<Record<string, string>>): string {
  return execFileSync(process.execPath, [join(ROOT, "dist/cli/main.js"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 26,
  });
}

/** @returns Lines with planned and measured bytes, and their ratio. */
export async function benchPlan({ threads, isa }: Backend): Promise<BenchLine[]> {
  const folder = mkdtempSync(join(tmpdir(), "concord-plan-"));
  const lines: BenchLine[] = [];
  try {
    for (const [i, { name, config, settings }] of CASES.entries()) {
      // The two of one config share a cache of their own: the first of them collects.
      const env = { CONCORD_THREADS: String(threads), ...cacheOf(config, folder) };
      const path = join(ROOT, "configs", config);
      const sets = settings.flatMap((setting) => ["--set", setting]);
      if (config === "demo.yaml") concord(["models", "get", "stories15m"], env);
      const { memory, disk } = JSON.parse(concord(["plan", path, ...sets, "--json"], env));
      const runs = ["--set", `runs_folder=${join(folder, String(i))}`];
      const { measured } = JSON.parse(concord(["run", path, ...sets, ...runs, "--json"], env));
      const share = measured.peak_memory_bytes / memory.peak_bytes;
      const ms = Number((1000 * measured.training_seconds).toPrecision(5));
      lines.push({
        ...{ name: `plan: ${name}`, shape: {}, threads, isa, ms: { min: ms, median: ms } },
        ...{ planned_bytes: memory.peak_bytes, most_bytes: memory.most_bytes },
        ...{ peak_bytes: measured.peak_memory_bytes, peak_over_plan: Number(share.toPrecision(4)) },
        ...{ planned_disk_bytes: disk.bytes, disk_bytes: measured.disk_bytes },
        target: `peak memory within ${100 * TOLERANCE} % of the plan`,
        reached: Math.abs(share - 1) <= TOLERANCE,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

function cacheOf(config: string, folder: string): Record<string, string> {
  return config === "demo.yaml" ? { CONCORD_CACHE: join(folder, "cache") } : {};
}
