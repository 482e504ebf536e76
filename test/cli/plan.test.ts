/** What `concord plan` says a run's memory will be, against what real processes take. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { announceSkip } from "../support/announce-skip.ts";
import { nativeIsas } from "../support/backends.ts";
import { startConcord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Big batches first, whose memory the second run must not answer for.
const CONFIG = `name: p
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 768, features: 96, groups: 4, active: 3, held_out_rows: 256 }
population: { members: 3, architecture: topk, d_sae: 256, k: 3 }
training: { batch: [8192, 64], steps: 4, log_every: 2, checkpoint_every: 2 }
`;

/** Half as much again as the issue asks for: a test shares its machine with others. */
const TOLERANCE = 0.25;

const reason =
  nativeIsas.length === 0
    ? "the native core is not built"
    : process.platform === "linux"
      ? undefined
      : "only Linux forgets the peak of the run before";

vi.setConfig({ testTimeout: 240_000 });

async function json(command: string, folder: string) {
  const { code, stdout, stderr } = await startConcord([command, "p.yaml", "--json"], folder).ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

test.skipIf(announceSkip("memory of a sweep", reason))(
  "each run of a sweep takes the memory that was planned for it",
  async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "p.yaml"), CONFIG);
    // A child begins with the peak of the process that made it, as far as getrusage knows.
    const ballast = new Uint8Array(2 ** 29).fill(1);
    const planned: { memory: { peak_bytes: number } }[] = await json("plan", folder);
    const ran: { measured: { peak_memory_bytes: number } }[] = await json("run", folder);
    expect(ballast[2 ** 28]).toBe(1);
    const shares = ran.map((r, i) => r.measured.peak_memory_bytes / planned[i]!.memory.peak_bytes);
    const shown = `peaks over plans: ${shares.join(", ")}`;
    for (const share of shares) {
      expect(share, shown).toBeGreaterThan(1 - TOLERANCE);
      expect(share, shown).toBeLessThan(1 + TOLERANCE);
    }
    // The two differ by far more than the tolerance.
    expect(planned[0]!.memory.peak_bytes).toBeGreaterThan(1.5 * planned[1]!.memory.peak_bytes);
  },
);
