import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import { type S3Server, startS3Server } from "../../../test/support/s3-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TINY_CONFIG } from "../../../test/support/tiny-run.ts";
import { parseConfig } from "../../config/load-config.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import { setStoreOrigin, storeThere } from "../../sources/shards/cached-store.ts";
import { openShardWriter } from "../../sources/shards/shard-writer.ts";
import { shareCache } from "../../sources/shards/shared-store.ts";
import type { RunJob } from "../job.ts";
import { jobText } from "../job.ts";
import { openJobStore, placeJob, sendInputs } from "./job-store.ts";
import { RunSync, storedRun } from "./run-sync.ts";

let server: S3Server;
let store: ObjectStore;
let here: string;
let there: string;

beforeEach(async () => {
  const timing = fakeTiming();
  server = await startS3Server({ now: timing.now });
  const env = {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  store = await openJobStore("s3://lab/x", env, { timing });
  [here, there] = [await temporaryFolder(), await temporaryFolder()];
});
afterEach(async () => {
  setStoreOrigin(undefined);
  await server.close();
});

function runJob(config: string): RunJob {
  const [planned] = parseConfig(config, "tiny.yaml");
  const base = { id: "0001", batch: "token", name: "tiny", cwd: here, cacheDir: here };
  return { ...base, offline: true, kind: "run", run: { planned: planned!, baseFolder: here } };
}

async function writeStore(folder: string): Promise<void> {
  const provenance = { kind: "test" };
  const writer = await openShardWriter({ folder, dIn: 2, dtype: "float32", provenance });
  await writer.append(new Float32Array([1, 2, 3, 4]));
  await writer.finish();
}

const SHARDS = TINY_CONFIG.replace(/source: .*/, "source: { kind: shards, path: acts }");

describe("a job without shared folders", () => {
  test("finds its activations in a folder of the worker's own, sent once", async () => {
    await writeStore(join(here, "acts"));
    const job = runJob(SHARDS);
    const inputs = await sendInputs(store, job, "a 1");
    const sent = server.requests.length;
    expect(await sendInputs(store, job, "a 1")).toEqual(inputs);
    expect(server.requests.slice(sent).filter((r) => r.startsWith("PUT"))).toEqual([]);
    const task = { batch: "token", text: jobText(job), inputs };
    const placed = await placeJob(store, there, task, new AbortController().signal);
    const { cwd, cacheDir, run } = placed.job as RunJob;
    expect([cwd, cacheDir]).toEqual([join(there, "token"), join(there, "cache")]);
    expect(await readFile(join(run.baseFolder, "acts", "index.json"))).toEqual(
      await readFile(join(here, "acts", "index.json")),
    );
    expect(await readFile(placed.file, "utf8")).toBe(jobText(placed.job));
  });

  test.each([
    [SHARDS.replace("path: acts", "path: ../acts"), "a relative path for source.path"],
    [`${TINY_CONFIG}runs_folder: /runs`, "a relative path for runs_folder"],
    [
      TINY_CONFIG.replace("held_out_rows", "residual_of: [saes], held_out_rows"),
      "an absolute path for source.residual_of",
    ],
  ])("is refused where it needs them (%#)", async (config, problem) => {
    await expect(sendInputs(store, runJob(config), "a 1")).rejects.toThrow(`Expected ${problem}`);
  });
});

test("activations that one worker has collected are received by the next", async () => {
  const [own, other] = [join(here, "activations", "m-1"), join(there, "activations", "m-1")];
  const first = shareCache(store, "a 1");
  expect(await storeThere(own)).toBeUndefined();
  await writeStore(own);
  await first.send();
  shareCache(store, "b 2");
  expect(await storeThere(other)).toMatchObject({ isThere: true, bytes: 16 });
});

describe("a run in a store", () => {
  const tell = () => ({ say: vi.fn(), onLate: vi.fn() });
  const checkpoint = async (folder: string, step: string) => {
    await mkdir(join(folder, "checkpoints", `step-${step}`), { recursive: true });
    await writeFile(join(folder, "checkpoints", `step-${step}`, "state.json"), step);
    await writeFile(join(folder, "run.json"), "{}");
  };

  test("is sent after a checkpoint, and goes on elsewhere from there", async () => {
    const first = await RunSync.begin(storedRun(store, "a"), here, "a 1", tell());
    await checkpoint(here, "000100");
    await first.look();
    await vi.waitFor(() => expect(server.requests.at(-1)).toBe("GET x/runs/a/manifest.json"));
    await vi.waitFor(async () => {
      await storedRun(store, "a").pull(there);
      await readFile(join(there, "checkpoints", "step-000100", "state.json"));
    });
    const second = await RunSync.begin(storedRun(store, "a"), there, "b 2", tell());
    await checkpoint(there, "000200");
    await second.end();
    await checkpoint(here, "000150");
    const late = tell();
    await expect(first.end()).rejects.toMatchObject({ code: "run/conflict" });
    expect(late.onLate).not.toHaveBeenCalled();
    const again = await temporaryFolder();
    await storedRun(store, "a").pull(again);
    await expect(
      readFile(join(again, "checkpoints", "step-000150", "state.json")),
    ).rejects.toThrow();
    await readFile(join(again, "checkpoints", "step-000200", "state.json"));
  });

  test("that cannot be sent now is sent at the end; who is late hears of it", async () => {
    const told = tell();
    const sync = await RunSync.begin(storedRun(store, "a"), here, "a 1", told);
    await checkpoint(here, "000100");
    server.refuseWrites(1000);
    await sync.look();
    await vi.waitFor(() =>
      expect(told.say).toHaveBeenCalledWith(expect.stringMatching(/HTTP 503/)),
    );
    server.refuseWrites(0);
    await sync.end();
    await storedRun(store, "a").claim("b 2");
    await checkpoint(here, "000200");
    await sync.look();
    await vi.waitFor(() => expect(told.onLate).toHaveBeenCalled());
  });
});
