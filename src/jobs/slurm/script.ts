/** @file The script that sbatch is given: one array of jobs. */

import { join } from "node:path";
import { logsFolder, MARKER } from "../batch.ts";
import type { BatchPlace } from "../launcher.ts";
import type { SlurmSettings } from "./settings.ts";

/** The exit code of a job on a node that does not see the folder of the batch. */
export const UNSEEN = 66;

/** An array of jobs that take the same memory. */
export interface JobArray {
  /** Names the array within the batch. */
  readonly number: number;
  readonly jobs: number;
  /** The most that run at a time; undefined: as the cluster decides. */
  readonly atOnce: number | undefined;
  /** As sbatch takes it; undefined: as the cluster decides. */
  readonly memory: string | undefined;
}

/** A word of a shell command, whatever it holds. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The name under which Slurm knows an array. */
export function arrayName({ token }: Pick<BatchPlace, "token">, number: number): string {
  return `concord-${token.slice(0, 8)}-${number}`;
}

/** The file with a line for each job of an array: its submission and its file. */
export function arrayFile({ folder }: Pick<BatchPlace, "folder">, number: number): string {
  return join(folder, "arrays", `${number}.txt`);
}

/** `--key=value` of what is set. */
export function limits(settings: SlurmSettings): string[] {
  const { partition, account, qos, time } = settings;
  return Object.entries({ partition, account, qos, time }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}=${value}`],
  );
}

/**
 * The script of an array. A job that is told of its time limit writes a checkpoint and is queued
 * again. One that Slurm stops writes a checkpoint.
 *
 * @param command How Concord is started.
 * @param cwd     The folder that it starts in.
 */
export function slurmScript(
  place: BatchPlace,
  settings: SlurmSettings,
  array: JobArray,
  command: readonly string[],
  cwd: string,
): string {
  const { modules, container, program, lines, before, cpus } = settings;
  const throttle = array.atOnce === undefined ? "" : `%${array.atOnce}`;
  const options = [
    `--job-name=${arrayName(place, array.number)}`,
    `--array=0-${array.jobs - 1}${throttle}`,
    `--output=${join(logsFolder(place.folder), "slurm-%A_%a.txt")}`,
    "--open-mode=append",
    "--requeue",
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    ...(array.memory === undefined ? [] : [`--mem=${array.memory}`]),
    `--signal=B:USR1@${settings.signal_seconds}`,
    ...limits(settings),
  ];
  const inside = container === undefined ? "" : `apptainer exec ${quoted(container)} `;
  const concord = inside + (program ?? command.map(quoted).join(" "));
  const marker = quoted(join(place.folder, MARKER));
  return `#!/bin/bash
${options.map((option) => `#SBATCH ${option}`).join("\n")}
${lines.map((line) => `${line}\n`).join("")}
if [ "$(cat ${marker} 2>/dev/null)" != ${quoted(place.token)} ]; then
  echo "$(hostname) does not see the folder of the jobs" >&2
  exit ${UNSEEN}
fi
${modules.map((name) => `module load ${quoted(name)}\n`).join("")}${before.map((line) => `${line}\n`).join("")}cd ${quoted(cwd)}
read -r submission file < <(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(arrayFile(place, array.number))})
export CONCORD_THREADS="\${SLURM_CPUS_PER_TASK:-1}"
limit=
trap 'limit=1; kill -TERM "$job"' USR1
trap 'kill -TERM "$job"' TERM
${concord} jobs work "$file" --submission "$submission" &
job=$!
while kill -0 "$job" 2>/dev/null; do wait "$job"; done
wait "$job"
code=$?
if [ -n "$limit" ] && [ "$code" = 130 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
fi
exit "$code"
`;
}
