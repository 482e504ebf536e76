import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { raiseFence } from "../formats/write-fence.ts";
import { takeWriterLock } from "../formats/writer-lock.ts";
import { checkpointSteps, writeCheckpoint } from "./checkpoints.ts";
import { claimFolder } from "./claim.ts";
import { RunFolder } from "./run-folder.ts";
import { openLogs } from "./run-log.ts";

const codeOf = (write: Promise<unknown>) =>
  write.then(
    () => "none",
    (error: { code: string }) => error.code,
  );

const HERE = { host: "n1", pid: 7 };
const checkpoint = (step: number) => ({
  step,
  stream: { kind: "test" } as never,
  tensors: new Map(),
  json: {},
});

test("who began last may write, and who began before stops without harm", async () => {
  const path = join(temporaryFolder(), "run");
  const folder = new RunFolder(path);
  const first = await claimFolder(path, { batch: "b", number: 1 }, HERE);
  await folder.writeText("a.txt", "first");
  await writeCheckpoint(folder, checkpoint(5), 3);
  const logs = await openLogs(folder, 5);
  await logs.append("metrics.jsonl", { step: 5 });

  // Another process: its fence takes the place of the first one in this test.
  const second = await claimFolder(path, { batch: "b", number: 2 }, HERE);
  await folder.writeText("a.txt", "second");
  const cutAgain = await openLogs(folder, 5);
  second.release();
  const late = raiseFence(path, first);
  // The log that the first one holds open has no name any more.
  await logs.append("metrics.jsonl", { step: 6 });
  for (const write of [
    () => folder.writeText("a.txt", "late"),
    () => writeCheckpoint(folder, checkpoint(10), 1),
    () => openLogs(folder, 6),
  ])
    expect(await codeOf(write())).toBe("run/superseded");
  late();
  await cutAgain.close();
  await logs.close();

  expect(readFileSync(folder.file("a.txt"), "utf8")).toBe("second");
  expect(readFileSync(folder.file("metrics.jsonl"), "utf8")).toBe('{"step":5}\n');
  expect(await checkpointSteps(folder)).toEqual([5]);
  expect(readdirSync(path).filter((name) => name.includes(".tmp-"))).toEqual([]);
});

test("a submission that begins late finds that another has begun", async () => {
  const path = temporaryFolder();
  const second = await claimFolder(path, { batch: "b", number: 2 }, HERE);
  await expect(claimFolder(path, { batch: "b", number: 1 }, HERE)).rejects.toMatchObject({
    code: "run/superseded",
    message: `Submission 1 of ${path} stops: submission 2 took it over.`,
  });
  await second.check();
  // Other jobs that were planned later, and the same submission once more, do begin.
  const other = await claimFolder(path, { batch: "c", number: 1 }, HERE);
  await expect(second.check()).rejects.toMatchObject({
    message: `Attempt 1 of ${path} stops: attempt 2 took it over.`,
  });
  const again = await claimFolder(path, { batch: "c", number: 1 }, HERE);
  expect([second, other, again].map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  again.release();
});

test("claims at the same moment have different numbers", async () => {
  const path = temporaryFolder();
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimFolder(path, { batch: "b", number: 1 }, HERE)),
  );
  expect(claims.map(({ attempt }) => attempt).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const claim of claims) claim.release();
});

test("a later attempt takes the lock of an earlier one, on whatever machine that is", async () => {
  const path = temporaryFolder();
  const lock = (attempt?: number) =>
    JSON.stringify({ host: "elsewhere", pid: 1, token: "theirs", attempt });
  mkdirSync(join(path, "claims"));
  writeFileSync(join(path, "claims/000001.json"), "{}");
  writeFileSync(join(path, "writer.lock"), lock(1));
  expect(await codeOf(takeWriterLock(path))).toBe("run/conflict");
  const claim = await claimFolder(path, { batch: "b", number: 1 }, HERE);
  const taken = await takeWriterLock(path);
  // One that has lost the lock does not take it away from its new holder.
  writeFileSync(join(path, "writer.lock"), lock(3));
  await taken.release();
  expect(readFileSync(join(path, "writer.lock"), "utf8")).toBe(lock(3));
  // One that is held by no job is nobody's to take.
  writeFileSync(join(path, "writer.lock"), lock());
  expect(await codeOf(takeWriterLock(path))).toBe("run/conflict");
  claim.release();
});

test("files outside a fence are written as ever", async () => {
  const root = temporaryFolder();
  const claim = await claimFolder(join(root, "run"), { batch: "b", number: 1 }, HERE);
  writeFileSync(join(root, "run/claims/000002.json"), "{}");
  await writeFileAtomically(join(root, "runner"), "x");
  expect(await codeOf(writeFileAtomically(join(root, "run/x"), "x"))).toBe("run/superseded");
  claim.release();
  await writeFileAtomically(join(root, "run/x"), "x");
});
