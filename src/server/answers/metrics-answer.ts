/** @file GET /api/metrics: the curves of metrics.jsonl, in bounded memory however long it is. */

import { isObject } from "../../base/json.ts";
import { GrowingCurve, type KeptCurve } from "../../figures/growing-curve.ts";
import { PwMccLog } from "../../report/logged.ts";
import { logLines } from "../../runs/run-log.ts";
import type { MetricsAnswer } from "../api/run.ts";
import type { ServedRun } from "../served-folder.ts";

/** The columns that are answered unless others are asked for. */
const DEFAULT_KEYS = "fvu,loss,l0,dead,gt_mcc,gt_mcc_null";

type Curve = MetricsAnswer["coupling_loss"];

/**
 * The curves of a run.
 *
 * @param keys Columns of the members, with commas between; those that there are not stay away.
 * @throws {FormatError} naming the line that is damaged.
 */
export async function metricsAnswer(
  { name, folder }: ServedRun,
  keys = DEFAULT_KEYS,
): Promise<MetricsAnswer> {
  const wanted = new Set(keys.split(",").map((key) => key.trim()));
  const known = new Set<string>();
  const members = new Map<string, Map<string, GrowingCurve>>();
  const coupling = new GrowingCurve();
  const pwMcc = new PwMccLog();
  let [lines, lastStep] = [0, 0];
  for await (const line of logLines(folder, "metrics.jsonl")) {
    for (const [member, columns] of Object.entries(
      isObject(line["members"]) ? line["members"] : {},
    )) {
      const curves = members.get(member) ?? new Map<string, GrowingCurve>();
      members.set(member, curves);
      for (const [key, value] of Object.entries(isObject(columns) ? columns : {})) {
        known.add(key);
        if (!wanted.has(key)) continue;
        if (!curves.has(key)) curves.set(key, new GrowingCurve());
        add(curves.get(key)!, lines, line.step, value);
      }
    }
    pwMcc.add(lines, line);
    add(coupling, lines, line.step, line["coupling_loss"]);
    lines++;
    lastStep = line.step;
  }
  return {
    name,
    lines,
    last_step: lastStep,
    keys: [...known],
    members: [...members].map(([member, curves]) => ({
      name: member,
      curves: Object.fromEntries([...curves].map(([key, curve]) => [key, asJson(curve.curve)])),
    })),
    coupling_loss: asJson(coupling.curve),
    pw_mcc: pwMcc.curves.map((one) => ({
      setting: one.setting,
      mean: asJson(one.value),
      null: asJson(one.null),
    })),
  };
}

function add(curve: GrowingCurve, line: number, x: number, y: unknown): void {
  if (typeof y === "number") curve.add(line, { x, y });
}

function asJson(curve: KeptCurve): Curve {
  return {
    step: curve.points.map(({ x }) => x),
    value: curve.points.map(({ y }) => y),
    logged: curve.logged,
  };
}
