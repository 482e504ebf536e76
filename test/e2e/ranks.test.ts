/**
 * Three processes train one run through Gloo. One is killed; the others say so, and --resume ends
 * with the bytes of a run that one process trained.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadGloo } from "../../src/backend/ranks/load-gloo.ts";
import { messageOf } from "../../src/errors.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, filesBelow, startConcord, until } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Why Gloo cannot be used here. */
function withoutGloo(): string | undefined {
  try {
    loadGloo();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const CONFIG = `
name: shared
source: { kind: synthetic, d_in: 64, features: 64, groups: 2, active: 2, held_out_rows: 64 }
population: { d_sae: 1024, k: 4 }
training: { batch: 128, steps: 200, log_every: 20, checkpoint_every: 5 }
analyses: [evaluation]
`;

/** What a run leaves that no clock decides. */
const MADE = /^(?!(saes|checkpoints)\/|metrics\.jsonl$|results\/evaluation\.json$)/;

test.skipIf(announceSkip("ranks through Gloo", withoutGloo()))(
  "a rank that is killed ends all, and --resume ends with the bytes of one process",
  async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "c.yaml"), CONFIG);
    const one = { CONCORD_THREADS: "1" };
    const run = ["run", "c.yaml", "--ranks", "3"];
    const ranks = [0, 1, 2].map((rank) =>
      startConcord([...run, "--rank", String(rank), "--interface", "127.0.0.1"], folder, one),
    );
    const shared = join(folder, "runs/shared");
    await until("a checkpoint is written", () =>
      existsSync(join(shared, "checkpoints/step-000005")),
    );
    ranks[2]!.child.kill("SIGKILL");
    for (const { ended } of ranks.slice(0, 2)) {
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^error: (Rank 2 was|Ranks [01] and 2 were) lost in step \d+: .*\n {2}hint: .*--resume/m,
        ),
      ]);
    }
    // The others are started by rank 0 this time.
    const resumed = await concord([...run, "--resume"], folder, one);
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)]);
    expect(existsSync(join(shared, "ranks"))).toBe(false);
    await concord(["run", "c.yaml", "--name", "alone"], folder, one);
    expect(filesBelow(shared, MADE)).toEqual(filesBelow(join(folder, "runs/alone"), MADE));
  },
);
