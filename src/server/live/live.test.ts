import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenTo, serving } from "../../../test/support/serving.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { takeWriterLock } from "../../formats/writer-lock.ts";
import { RunFolder, type RunRecord } from "../../runs/run-folder.ts";
import {
  liveEndSchema,
  liveGoneSchema,
  liveMetricsSchema,
  liveStatusSchema,
  liveWarningSchema,
} from "../api/live.ts";

const line = (step: number) =>
  `${JSON.stringify({ step, activations: 32 * step, members: { a: { fvu: 1 / step, loss: null } }, coupling_loss: 0, ...(step % 3 === 0 ? { pw_mcc: step / 10, pw_mcc_null: 0.2 } : {}) })}\n`;

const RECORD: RunRecord = {
  name: "run",
  status: "running",
  createdAt: "2026-01-01T00:00:00.000Z",
  versions: {},
  backend: { name: "native", isa: "portable", threads: 1 },
  attempts: [{ startedAt: "", host: hostname(), pid: process.pid, fromStep: 0 }],
  totalSteps: 100,
  provenance: { kind: "synthetic" },
};

/** A run that this process trains, as far as its folder tells, and a server. */
async function trained(clock = () => 0) {
  const root = temporaryFolder();
  mkdirSync(join(root, "run"));
  const folder = new RunFolder(join(root, "run"));
  await folder.writeRecord(RECORD);
  writeFileSync(folder.file("config.yaml"), "training: { batch: 32 }\n");
  writeFileSync(folder.file("metrics.jsonl"), line(1) + line(2) + line(3));
  writeFileSync(folder.file("timings.jsonl"), '{"step":3,"total":10}\n');
  writeFileSync(folder.file("events.jsonl"), '{"step":1,"kind":"warning","message":"old"}\n');
  const lock = await takeWriterLock(folder.path);
  const server = await serving(root, { clock });
  const listen = (more = "", headers = {}) =>
    listenTo(`${server.url}/api/live?name=run${more}`, headers);
  return { root, folder, lock, server, listen };
}

test("a run that trains: its last line, its pace, and every new line", async () => {
  const { folder, lock, listen } = await trained();
  const stream = listen();
  const first = await stream.next("metrics");
  expect([first.id, liveMetricsSchema.parse(first.data)]).toEqual([
    "3",
    {
      step: 3,
      activations: 96,
      members: { a: { fvu: 1 / 3, loss: null } },
      coupling_loss: 0,
      pw_mcc: [{ setting: {}, mean: 0.3, null: 0.2 }],
    },
  ]);
  const status = liveStatusSchema.parse((await stream.next("status")).data);
  expect(status).toMatchObject({
    status: "running",
    steps: 3,
    total_steps: 100,
    unit: "activations",
    per_second: 3200,
    eta_seconds: 0.97,
    pid: process.pid,
    message: null,
  });
  if (process.platform === "linux") expect(status.memory_bytes).toBeGreaterThan(2 ** 20);
  // A line that is still being written is left until it is whole.
  appendFileSync(folder.file("metrics.jsonl"), line(4) + line(5).slice(0, 10));
  expect((await stream.next("metrics")).id).toBe("4");
  appendFileSync(folder.file("metrics.jsonl"), line(5).slice(10));
  expect((await stream.next("metrics")).id).toBe("5");
  appendFileSync(folder.file("events.jsonl"), '{"step":5,"kind":"warning","message":"new"}\n');
  const warning = await stream.next("warning");
  expect(liveWarningSchema.parse(warning.data)).toMatchObject({ message: "new" });
  await folder.writeRecord({ ...RECORD, status: "finished" });
  await lock.release();
  expect(liveEndSchema.parse((await stream.next("end")).data)).toEqual({ status: "finished" });
  await stream.ended;
  expect(stream.told.filter(({ event }) => event === "warning")).toHaveLength(1);
});

test("a browser that comes back is told what it missed, and nothing twice", async () => {
  const { lock, listen } = await trained();
  const after = async (more: string, headers = {}) => {
    const stream = listen(more, headers);
    await stream.next("status");
    stream.stop();
    return stream.told.filter(({ event }) => event === "metrics").map(({ id }) => id);
  };
  expect(await after("&after=0")).toEqual(["1", "2", "3"]);
  expect(await after("&after=1")).toEqual(["2", "3"]);
  expect(await after("&after=0", { "last-event-id": "2" })).toEqual(["3"]);
  expect(await after("&after=3")).toEqual([]);
  await lock.release();
});

test("a trainer that dies is said to, with how to go on; a later one is followed", async () => {
  const { folder, lock, listen } = await trained();
  const stream = listen();
  await stream.next("status");
  await lock.release();
  const died = liveStatusSchema.parse((await stream.next("status")).data);
  expect(died).toMatchObject({ status: "killed", steps: 3, per_second: null, eta_seconds: null });
  expect(died.message).toContain(`The process that trained it (${process.pid} on ${hostname()})`);
  expect(died.message).toContain("--resume");
  // It goes on from a checkpoint of two steps: the log is cut back, and grows again.
  const again = await takeWriterLock(folder.path);
  writeFileSync(folder.file("metrics.jsonl"), line(1) + line(2));
  expect((await stream.next("status")).data["status"]).toBe("running");
  appendFileSync(folder.file("metrics.jsonl"), line(3) + line(4));
  expect((await stream.next("metrics")).id).toBe("4");
  await folder.writeRecord({
    ...RECORD,
    status: "failed",
    attempts: [{ ...RECORD.attempts[0]!, endedAt: "", toStep: 4, error: "the loss is NaN" }],
  });
  await again.release();
  const told = async () => {
    for (;;) {
      const { data } = await stream.next("status");
      if (data["status"] === "failed") return data["message"];
    }
  };
  expect(await told()).toBe("It failed after step 4: the loss is NaN");
});

test("the pace is what was seen, once that is enough", async () => {
  let seconds = 0;
  const { folder, lock, listen } = await trained(() => 1000 * seconds);
  const stream = listen();
  const pace = async () => (await stream.next("status")).data["per_second"];
  // What the log says of single steps: 10 ms.
  expect(await pace()).toBe(3200);
  seconds = 1;
  appendFileSync(folder.file("metrics.jsonl"), line(4));
  expect(await pace()).toBe(3200);
  // Five steps since step 3 in ten seconds.
  seconds = 10;
  appendFileSync(folder.file("metrics.jsonl"), line(8));
  expect(await pace()).toBe(16);
  await lock.release();
  expect(await pace()).toBeNull();
});

test("a damaged line is told, and the lines behind it come", async () => {
  const { folder, lock, listen } = await trained();
  const stream = listen();
  await stream.next("status");
  appendFileSync(folder.file("metrics.jsonl"), "{ damaged\n");
  expect((await stream.next("warning")).data).toMatchObject({ kind: "damaged_log" });
  appendFileSync(folder.file("metrics.jsonl"), line(4));
  expect((await stream.next("metrics")).id).toBe("4");
  await lock.release();
});

test.each<[string, (folder: string) => void]>([
  ["is removed", (folder) => rmSync(folder, { recursive: true })],
  ["loses its record to damage", (folder) => writeFileSync(join(folder, "run.json"), "{")],
])("a run that %s while it is watched", async (_, harm) => {
  const { folder, listen } = await trained();
  const stream = listen();
  await stream.next("status");
  harm(folder.path);
  const { error } = liveGoneSchema.parse((await stream.next("gone")).data);
  expect(error).toMatch(/There is no run "run"|run\.json: not JSON/);
  await stream.ended;
});

test("a run that is not there is an error, not a stream", async () => {
  const { server, lock } = await trained();
  expect((await server.get("/api/live?name=none")).status).toBe(404);
  await lock.release();
});

test("a server that ends ends its streams", async () => {
  const { server, listen, lock } = await trained();
  const stream = listen();
  await stream.next("status");
  await server.close();
  await stream.ended;
  await lock.release();
});
