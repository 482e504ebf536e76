/**
 * Killed with SIGKILL at any moment, a run that is resumed ends with the bytes of a run that was
 * never killed: whatever its source, its coupling and its members keep in mind between two steps.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { integerAt, randomStream, uniformAt } from "../../src/base/philox.ts";
import { float32Tensor } from "../../src/base/tensor.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { filesBelow, startConcord } from "../support/cli.ts";
import type { Ended } from "../support/command-process.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

interface Victim {
  readonly config: string;
  /** Writes what the config names. */
  readonly prepare?: (folder: string) => Promise<void> | void;
}

const arrays = (folder: string) =>
  writeFileSync(
    join(folder, "x.npy"),
    serializeNpy(float32Tensor([3000, 12], normals("x", 3000 * 12))),
  );

async function shards(folder: string): Promise<void> {
  const make = { dIn: 12, dtype: "float16", provenance: { kind: "test" } } as const;
  const blocks = { blockBytes: 256 * 24, shardBytes: 4 * 256 * 24 };
  const writer = await openShardWriter({ folder: join(folder, "store"), ...make, ...blocks });
  await writer.append(normals("x", 4000 * 12));
  await writer.finish();
}

const VICTIMS: Readonly<Record<string, Victim>> = {
  "synthetic data, exact matching, AuxK and reinitialisation": {
    config: `
source: { kind: synthetic, generator: mfr, d_in: 24, features: 48, groups: 3, active: 4, support: per_batch_group, generation_batch: 1000, held_out_rows: 500 }
population: { members: 2, independent: 1, architecture: topk, d_sae: 48, k: 4, lr: 0.003, warmup_steps: 20, decay_fraction: 0.2, aux_k: { dead_after_tokens: 2000 } }
coupling: { weight: 1 }
reinitialise: { target: calibrated, threshold: 6, cool_down_steps: 30 }
training: { batch: 128, steps: 300, log_every: 5, checkpoint_every: 8, keep_checkpoints: 2 }
`,
  },
  "an array over many passes, exact matching now and then, tied members": {
    config: `
source: { kind: arrays, path: x.npy, held_out_rows: 300 }
population: { members: 3, architecture: topk_tied, d_sae: 24, k: 3, lr: 0.003 }
coupling: { weight: 0.5, refresh_every: 7, warmup_steps: 40 }
training: { batch: 100, steps: 250, log_every: 10, checkpoint_every: 5, keep_checkpoints: 1 }
`,
    prepare: arrays,
  },
  "a store through a small buffer, nearest atoms, a few pairs a step and a mixed population": {
    config: `
source: { kind: shards, path: store, buffer_bytes: 40000, held_out_rows: 300 }
population: { members: 2, architecture: topk, d_sae: [16, 24], k: 3, lr: 0.003 }
coupling: { weight: 0.5, matching: max, pairs_per_step: 2, refresh_every: 4 }
training: { batch: 100, steps: 200, log_every: 10, checkpoint_every: 10 }
`,
    prepare: shards,
  },
  "a language model that is collected first, nearest atoms both ways, ReLU": {
    config: `
source: { kind: language_model, model: model, hook: ${TINY_HOOK}, text: letters.txt, dtype: float32 }
population: { members: 2, architecture: relu, d_sae: 32, l1: 0.01, lr: 0.003 }
coupling: { weight: 0.5, matching: symmetric_max }
training: { batch: 100, steps: 150, log_every: 10, checkpoint_every: 10 }
`,
    prepare(folder) {
      writeTinyModel(join(folder, "model"));
      writeLetters(join(folder, "letters.txt"), 20, 2000);
    },
  },
  "simulated EEG": {
    config: `
source: { kind: eeg, simulated: { recordings: 2, seconds: 20 }, guard_seconds: 1, held_out_fraction: 0.3 }
population: { members: 2, architecture: topk_tied, d_sae: 16, k: 3, lr: 0.003 }
coupling: { weight: 1 }
training: { batch: 16, steps: 80, log_every: 10, checkpoint_every: 5 }
`,
  },
};

/** Whether a run is doing something just now: when it is killed on purpose, and not at random. */
const MOMENTS: readonly ((run: string) => boolean)[] = [
  // In the middle of a checkpoint.
  (run) => names(join(run, "checkpoints")).some((name) => name.endsWith(".partial")),
  (run) => names(run).includes("saes"),
  (run) => names(join(run, "results")).includes("evaluation.json"),
];

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

const RANDOM_KILLS = 3;

test.each(Object.entries(VICTIMS))(
  "%s",
  async (name, { config, prepare }) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "victim.yaml"), `name: victim\n${config}`);
    await prepare?.(folder);
    const start = (root: string, resume: boolean) => {
      const cache = join(folder, `${root}-cache`);
      mkdirSync(cache, { recursive: true });
      const args = ["run", "victim.yaml", "--set", `runs_folder=${root}`, "--json"];
      return startConcord([...args, ...(resume ? ["--resume"] : [])], folder, {
        CONCORD_CACHE: cache,
      });
    };
    const whole: Ended = await start("whole", false).ended;
    expect(whole.code, whole.stderr).toBe(0);
    const steps = 1 + statSync(join(folder, "whole/victim/metrics.jsonl")).size;

    const run = join(folder, "killed/victim");
    const log = join(run, "metrics.jsonl");
    const size = () => (existsSync(log) ? statSync(log).size : 0);
    const random = randomStream(1, `kill/${name}`);
    let [kills, draws] = [0, 0];
    let end: Ended = whole;
    for (let attempt = 0; attempt === 0 || end.code !== 0; attempt++) {
      const { child, ended } = start("killed", attempt > 0);
      const moment = MOMENTS[attempt - RANDOM_KILLS];
      // After a random share of what is left, and a random moment later: in the middle of whatever
      // it does then.
      const share = size() + (uniformAt(random, draws++) * (steps - size())) / 2;
      const jitter = integerAt(random, draws++, 40);
      const kill = () => child.kill("SIGKILL");
      const watch = setInterval(() => {
        if (attempt < RANDOM_KILLS) {
          if (size() > share) setTimeout(kill, jitter);
        } else if (moment?.(run)) kill();
      }, 1);
      end = await ended;
      clearInterval(watch);
      expect(end.code === 0 || end.code === null, end.stderr).toBe(true);
      if (end.code === null) kills++;
      if (attempt > RANDOM_KILLS + MOMENTS.length) break;
    }
    expect(end.code).toBe(0);
    expect(kills).toBeGreaterThanOrEqual(RANDOM_KILLS);
    // What names the folder, or tells of the moment and the machine; the report shows all three.
    const machine = /^(config\.yaml|run\.json|timings\.jsonl|report\.html)$/;
    const [expected, received] = [join(folder, "whole/victim"), run].map((path) =>
      filesBelow(path, machine),
    );
    expect([...received!.keys()]).toEqual([...expected!.keys()]);
    for (const [file, bytes] of expected!) expect(received!.get(file) === bytes, file).toBe(true);
    expect(expected!.get("metrics.jsonl")).not.toBe("");
    if (config.includes("reinitialise"))
      expect(readFileSync(join(run, "events.jsonl"), "utf8")).toContain("reinitialised");
  },
  400_000,
);
