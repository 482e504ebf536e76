/**
 * @file A Slurm cluster on this host: munged, slurmctld and three slurmd, each a process that a
 *   test may kill. Everything lies in a folder of its own; the system's Slurm is not touched.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";

const NODES = ["n1", "n2", "n3"] as const;
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun"];
const FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin";

/** Why there can be no cluster here; undefined when there can. */
export function noSlurm(): string | undefined {
  const path = `${process.env["PATH"]}:${FOLDERS}`;
  const missing = PROGRAMS.find(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: { PATH: path } }).status !== 0,
  );
  if (missing !== undefined)
    return `there is no ${missing}: apt-get install slurmctld slurmd slurm-client munge`;
  return userInfo().uid === 0 ? undefined : "slurmd starts jobs for others only as root";
}

export interface SlurmCluster {
  /** Variables with which Slurm's programs find this cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills slurmd of a node, its steps and their processes, as a power cut does. */
  killNode(name: (typeof NODES)[number]): void;
  startNode(name: (typeof NODES)[number]): void;
  killController(): void;
  startController(): void;
  /** What a program of Slurm prints. */
  ask(program: string, ...args: string[]): string;
  stop(): void;
}

function configOf(folder: string, port: number): string {
  const user = userInfo().username;
  return `ClusterName=concord
SlurmctldHost=${hostname()}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${port}
SlurmctldPidFile=${folder}/ctld.pid
SlurmdPidFile=${folder}/%n.pid
SlurmctldLogFile=${folder}/ctld.log
SlurmdLogFile=${folder}/%n.log
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=1,sched_interval=1,bf_interval=2
SlurmctldTimeout=10
SlurmdTimeout=6
KillWait=10
ReturnToService=2
JobRequeue=1
MaxArraySize=1001
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=n1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port + 1} CPUs=2 RealMemory=4000 State=UNKNOWN
NodeName=n2 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port + 2} CPUs=2 RealMemory=4000 State=UNKNOWN
NodeName=n3 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port + 3} CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=n1,n2,n3 Default=YES MaxTime=60 State=UP
PartitionName=short Nodes=n1,n2,n3 MaxTime=60 State=UP
`;
}

/** Processes of this machine by a variable of theirs, with all that they started. */
function processesOf(variable: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const all = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
      return all.includes(variable) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function kill(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
}

/** Starts a cluster in `folder`. @param port The first of four. */
export async function startSlurm(folder: string, port: number): Promise<SlurmCluster> {
  mkdirSync(join(folder, "state"), { recursive: true });
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(128), { mode: 0o600 });
  writeFileSync(join(folder, "slurm.conf"), configOf(folder, port));
  const env = {
    PATH: `${process.env["PATH"]}:${FOLDERS}`,
    SLURM_CONF: join(folder, "slurm.conf"),
    HOME: process.env["HOME"] ?? folder,
  };
  const running = new Map<string, ChildProcess>();
  const start = (name: string, program: string, args: readonly string[], mark = {}) => {
    const child = spawn(program, args, { env: { ...env, ...mark }, stdio: "ignore" });
    running.set(name, child);
  };
  const own = ["socket", "pid-file", "log-file", "seed-file"].map(
    (name) => `--${name}=${join(folder, `munge.${name.split("-")[0]}`)}`,
  );
  start("munged", "munged", ["--foreground", "--force", `--key-file=${key}`, ...own]);
  const startController = () => start("ctld", "slurmctld", ["-D"]);
  const startNode = (name: string) =>
    start(name, "slurmd", ["-D", "-N", name], { CONCORD_TEST_NODE: `${folder}/${name}` });
  await new Promise((wake) => setTimeout(wake, 300));
  startController();
  for (const name of NODES) startNode(name);
  const ask = (program: string, ...args: string[]) =>
    spawnSync(program, args, { env, encoding: "utf8" }).stdout;
  const until = performance.now() + 60_000;
  while (!/^3$/m.test(ask("sinfo", "-h", "-p", "main", "-t", "idle", "-o", "%D"))) {
    if (performance.now() > until) throw new Error(`The cluster in ${folder} did not start.`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
  const stepsOf = (name: string) =>
    readdirSync("/proc").flatMap((pid) => {
      if (!/^\d+$/.test(pid)) return [];
      try {
        const environ = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
        const isOurs = environ.includes(`SLURM_CONF=${env.SLURM_CONF}`);
        return isOurs && environ.includes(`SLURMD_NODENAME=${name}`) ? [Number(pid)] : [];
      } catch {
        return [];
      }
    });
  return {
    env,
    ask,
    startNode,
    startController,
    killNode(name) {
      const mark = `CONCORD_TEST_NODE=${folder}/${name}`;
      // The node's daemon and its step daemons have the mark, the processes of jobs the name.
      kill([...processesOf(mark), ...stepsOf(name)]);
    },
    killController: () => void running.get("ctld")?.kill("SIGKILL"),
    stop() {
      for (const name of NODES)
        kill([...processesOf(`CONCORD_TEST_NODE=${folder}/${name}`), ...stepsOf(name)]);
      for (const child of running.values()) child.kill("SIGKILL");
    },
  };
}
