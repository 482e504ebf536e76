/** @file concord runs: every run below a folder, a line each. */

import type { Command } from "commander";
import { type RunOverview, runOverviews } from "../../runs/overview.ts";
import { isProcessAlive } from "../environment.ts";
import { moment, short, table } from "../output.ts";
import { addVerb } from "../verb.ts";

/** `1500/2000`, or what is known of it. */
export function stepsText({ steps, totalSteps }: RunOverview): string {
  if (steps === undefined) return "";
  return totalSteps === undefined ? String(steps) : `${steps}/${totalSteps}`;
}

async function runs({ root, json }: { root: string; json?: boolean }): Promise<void> {
  const overviews = await runOverviews(root, isProcessAlive);
  if (json) {
    const plain = overviews.map((o) => ({
      ...{ name: o.name, folder: o.folder, state: o.state, steps: o.steps },
      ...{ total_steps: o.totalSteps, members: o.members, fvu: o.fvu, pw_mcc: o.pwMcc },
      warnings: o.warnings ?? [],
      ...{ created_at: o.createdAt, changed_at: o.changedAt, problem: o.problem },
    }));
    return void process.stdout.write(`${JSON.stringify(plain)}\n`);
  }
  if (overviews.length === 0)
    return void process.stdout.write(`No runs in ${root}: concord run <config.yaml> makes one.\n`);
  const rows = overviews.map((o) => [
    ...[o.name, o.state, stepsText(o), o.members === undefined ? "" : String(o.members)],
    ...[o.fvu === undefined ? "" : short(o.fvu)],
    ...(o.pwMcc ? [short(o.pwMcc.mean), short(o.pwMcc.null)] : ["", ""]),
    moment(o.changedAt),
  ]);
  const header = ["name", "status", "steps", "members", "FVU", "PW-MCC", "null", "when"];
  process.stdout.write(`${table(header, rows)}\n`);
  for (const o of overviews)
    for (const { message } of o.warnings ?? [])
      process.stdout.write(`${o.name}: warning: ${message}\n`);
  for (const o of overviews)
    if (o.problem !== undefined) process.stdout.write(`${o.name}: ${o.problem}\n`);
}

export function addRuns(program: Command): void {
  addVerb(program, "runs", {
    group: "runs",
    library: "runOverviews",
    summary: "list the runs in a folder with their numbers",
    examples: [
      ["runs", "those in ./runs"],
      ["runs --root /data/runs --json", "for another program"],
    ],
  })
    .option("--root <folder>", "folder of the runs", "runs")
    .option("--json", "print JSON, and nothing else")
    .action(runs);
}
