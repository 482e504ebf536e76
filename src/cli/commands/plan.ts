/** @file concord plan: what a config will take, before it starts. */

import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { planRun, type RunPlan } from "../../experiments/plan.ts";
import type { StepProbe } from "../../experiments/probe-steps.ts";
import { DRAWING_BYTES } from "../../figures/plot/render.ts";
import { backendFor, cacheDir, catalogueOptions, processFacts } from "../environment.ts";
import { bytes, duration, short, table } from "../output.ts";
import { print, say, warn } from "../print.ts";

/** Free bytes of the disk that `path` will be on; undefined where the system does not say. */
async function freeDisk(path: string): Promise<number | undefined> {
  for (let folder = path; ; folder = dirname(folder))
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      if (dirname(folder) === folder) return undefined;
    }
}

function plain(plan: RunPlan): object {
  const { memory, disk, collect, probe } = plan;
  const named = (items: readonly { what: string; bytes: number }[]) =>
    items.map(({ what, bytes: n }) => ({ what, bytes: Math.round(n) }));
  return {
    name: plan.name,
    steps: plan.steps,
    activations: plan.activations,
    memory: {
      peak_bytes: Math.round(memory.bytes),
      most_bytes: Math.round(memory.mostBytes),
      held: named(memory.held),
      phases: named(memory.phases),
    },
    disk: {
      bytes: disk.bytes,
      most_bytes: disk.mostBytes,
      items: named(disk.items),
      present_bytes: plan.store?.isThere ? plan.store.bytes : 0,
    },
    time: {
      training_seconds: plan.trainingSeconds,
      milliseconds_per_step: probe.millisecondsPerStep,
      probed_steps: probe.steps,
      probe_scale: probe.scale,
      ...(collect ? { collecting_seconds: collect.seconds } : {}),
    },
    ...(collect ? { collect: { rows: collect.rows, bytes: collect.bytes } } : {}),
  };
}

/**
 * Bytes that all runs will write: a store that several share is written once, and one that is there
 * is not.
 */
function neededBytes(plans: readonly RunPlan[]): number {
  const stores = new Map<string, number>();
  let bytes = 0;
  for (const { disk, store } of plans) {
    bytes += disk.mostBytes - (store?.bytes ?? 0);
    if (store && !store.isThere) stores.set(store.folder, store.bytes);
  }
  return [...stores.values()].reduce((sum, n) => sum + n, bytes);
}

/** One plan in full. */
function details(plan: RunPlan): string[] {
  const { memory, disk, collect, probe } = plan;
  const items = (list: readonly { what: string; bytes: number }[]) =>
    list.filter((item) => item.bytes > 0).map((item) => [item.what, bytes(item.bytes)]);
  const probed = `${probe.steps} steps tried${probe.scale < 1 ? ` with ${short(100 * probe.scale)} % of the latents` : ""}`;
  return [
    `${plan.name}: ${plan.steps} steps, ${short(plan.activations)} activations`,
    "",
    table(["memory", "held"], items(memory.held)),
    "",
    table(["phase", "beside that"], items(memory.phases)),
    "",
    table(["disk", "size"], items(disk.items)),
    "",
    table(
      ["time", ""],
      [
        ...(collect ? [["collecting activations, once", duration(collect.seconds)]] : []),
        [
          `training, ${short(probe.millisecondsPerStep)} ms per step (${probed})`,
          duration(plan.trainingSeconds),
        ],
      ],
    ),
    "",
  ];
}

export async function plan(
  path: string,
  options: { set: string[]; json?: boolean },
): Promise<void> {
  const planned = await loadConfig(path, options.set);
  const { backend, fallbackReason } = backendFor(planned[0]!.config.backend);
  if (fallbackReason) warn(`planning for the slow reference backend: ${fallbackReason}`);
  const { clock, residentMemory, collectGarbage, memoryLimits } = processFacts();
  collectGarbage();
  const baseBytes = residentMemory();
  const availableMemory = process.availableMemory();
  const probes = new Map<string, StepProbe>();
  const plans: RunPlan[] = [];
  for (const [i, { config }] of planned.entries())
    plans.push(
      await planRun(config, {
        backend,
        baseFolder: dirname(path),
        cacheDir: cacheDir(),
        probes,
        catalogue: catalogueOptions(true),
        clock,
        residentMemory,
        // One process runs all of a sweep, and has drawn a report before each run but the first.
        baseBytes: baseBytes + (i > 0 ? DRAWING_BYTES : 0),
        availableMemory,
        memoryLimits: memoryLimits(),
      }),
    );
  if (options.json) {
    const all = plans.map(plain);
    return void print(`${JSON.stringify(all.length === 1 ? all[0] : all)}\n`);
  }
  const free = await freeDisk(planned[0]!.config.runsFolder);
  const rows = plans.map((p) => [
    p.name,
    String(p.steps),
    bytes(p.memory.bytes),
    bytes(p.memory.mostBytes),
    bytes(p.disk.mostBytes),
    duration((p.collect?.seconds ?? 0) + p.trainingSeconds),
  ]);
  const lines = [
    ...(plans.length === 1 ? details(plans[0]!) : []),
    table(["run", "steps", "memory", "at most", "disk", "time"], rows),
    `Available: ${bytes(availableMemory)} of memory${free === undefined ? "" : `, ${bytes(free)} of disk`}.`,
  ];
  print(`${lines.join("\n")}\n`);
  for (const notice of new Set(plans.flatMap((p) => p.collect?.notices ?? []))) warn(notice);
  const worst = Math.max(...plans.map((p) => p.memory.mostBytes));
  const total = neededBytes(plans);
  if (worst > availableMemory)
    say("warning: this may not fit in memory: fewer members, a smaller d_sae or batch.\n");
  if (free !== undefined && total > free)
    warn("this may not fit on the disk: keep fewer checkpoints.");
}
