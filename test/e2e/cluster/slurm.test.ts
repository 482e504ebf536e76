/**
 * Sweeps on a real Slurm cluster of three nodes on this host. `npm run test:cluster` kills jobs,
 * the watcher, a node and the controller as well.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceSkip } from "../../support/announce-skip.ts";
import { concord, filesBelow, startConcord } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { noSlurm, type SlurmCluster, startSlurm } from "./slurm-cluster.ts";

const skipped = announceSkip("jobs on Slurm", noSlurm());
const isLong = process.env["CONCORD_TEST_CLUSTER"] === "1";
const PORT = 17_710;

/** What depends on machines and moments, and what jobs leave. */
const OF_THE_MOMENT = /run\.json$|timings\.jsonl$|report\.html$|^\.jobs\/|\/claims\/|^cluster/;

const CONFIG = (steps: number) => `
name: grid
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 16, k: 2 }
training: { batch: 32, steps: ${steps}, log_every: 100, checkpoint_every: 100 }
sweep: { seed: [0, 1, 2] }
`;

const ON = ["--on", "slurm", "--job", "poll_seconds=0.5", "--job", "memory=300M"];

let cluster: SlurmCluster;
let home: string | undefined;
beforeAll(async () => {
  if (skipped) return;
  home = join("/tmp", `concord-slurm-${process.pid}`);
  mkdirSync(home);
  cluster = await startSlurm(home, PORT);
});
afterAll(() => {
  cluster?.stop();
  if (home) rmSync(home, { recursive: true, force: true });
});

/** A sweep without --on, and what its runs are to be. */
async function unharmed(steps: number) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "grid.yaml"), CONFIG(steps));
  expect(await concord(["run", "grid.yaml"], folder)).toMatchObject({ code: 0 });
  return filesBelow(join(folder, "runs"), OF_THE_MOMENT);
}

function workplace(steps: number): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "grid.yaml"), CONFIG(steps));
  return folder;
}

/** The status of a job, once it has taken a step. */
function statusOf(folder: string, id: string): { pid: number; step?: number; state: string } {
  try {
    return JSON.parse(readFileSync(join(folder, `runs/.jobs/grid/status/${id}.json`), "utf8"));
  } catch {
    return { pid: 0, state: "none" };
  }
}

/** Waits until `condition` holds: a cluster takes its time. @throws when it does not. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 180_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

const hasBegun = (folder: string, id: string) => (statusOf(folder, id).step ?? 0) > 0;

test.skipIf(skipped)(
  "a sweep on Slurm is the sweep without it, and what is wrong is said before",
  async () => {
    const folder = workplace(200);
    const env = cluster.env;
    const run = await concord(["run", "grid.yaml", ...ON], folder, env);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toMatch(/^0 of 3 jobs finished {2}3 waiting$/m);
    expect(run.stdout).toMatch(/\nall runs +3 /);
    const [alone, none, list] = await Promise.all([
      unharmed(200),
      concord(["run", "grid.yaml", "--name", "b", ...ON, "--job", "partition=lung"], folder, env),
      concord(["jobs", "list", "--json"], folder),
    ]);
    expect(filesBelow(join(folder, "runs"), OF_THE_MOMENT)).toEqual(alone);
    expect(none).toMatchObject({
      code: 2,
      stderr: "error: The cluster has no partition lung.\n  hint: It has: main, short\n",
    });
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: "grid", state: "finished", finished: 3 },
    ]);
  },
  240_000,
);

test.skipIf(skipped || !isLong)(
  "a job, the watcher, the controller and a node are killed, and the results are the same",
  async () => {
    const steps = 10_000;
    const folder = workplace(steps);
    const { env } = cluster;
    const first = startConcord(["run", "grid.yaml", ...ON], folder, env);
    await until("all jobs have begun", () =>
      ["0001", "0002", "0003"].every((id) => hasBegun(folder, id)),
    );
    process.kill(statusOf(folder, "0001").pid, "SIGKILL");
    first.child.kill("SIGKILL");
    cluster.killController();
    cluster.killNode("n2");
    const watch = startConcord(["jobs", "watch", "grid"], folder, env);
    await new Promise((wake) => setTimeout(wake, 2000));
    cluster.startController();
    const ended = await watch.ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain("grid/seed=0 is handed out again");
    expect(filesBelow(join(folder, "runs"), OF_THE_MOMENT)).toEqual(await unharmed(steps));
    cluster.startNode("n2");
  },
  600_000,
);
