import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isBeingWritten, takeWriterLock } from "./writer-lock.ts";

const CONFLICT = { code: "run/conflict" };

test("one writer at a time; when it is done the next may begin, and nothing is left", async () => {
  const folder = temporaryFolder();
  const lock = await takeWriterLock(folder);
  await expect(takeWriterLock(folder)).rejects.toMatchObject({
    ...CONFLICT,
    message: `${folder} is being written by process ${process.pid} on ${hostname()}.`,
  });
  await lock.release();
  await (await takeWriterLock(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

/** The lock of a process of this machine, as it stands in the file. */
async function lockFile(): Promise<Record<string, unknown>> {
  const folder = temporaryFolder();
  const lock = await takeWriterLock(folder);
  const text = readFileSync(join(folder, "writer.lock"), "utf8");
  await lock.release();
  return JSON.parse(text);
}

test("the lock of a process that is gone is taken over, also when its number was given to another", async () => {
  const mine = await lockFile();
  const { pid: gone } = spawnSync("true");
  const stale = [
    { ...mine, pid: gone },
    // This very number before a restart of the machine or the container.
    { ...mine, token: "another" },
    // The parent's number, once that of a process that began at another time.
    ...("started" in mine ? [{ ...mine, pid: process.ppid, started: "1" }] : []),
  ];
  for (const lock of stale) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "writer.lock"), JSON.stringify(lock));
    expect(await isBeingWritten(folder)).toBe(false);
    const taken = await takeWriterLock(folder);
    expect(readdirSync(folder)).toEqual(["writer.lock"]);
    await taken.release();
  }
});

test("the lock of a living process, of another machine, or one that says nothing is respected", async () => {
  const mine = await lockFile();
  const { started: _, ...timeless } = mine;
  const living = [{ ...timeless, pid: process.ppid }, { ...mine, host: "elsewhere" }, "{"];
  for (const lock of living) {
    const folder = temporaryFolder();
    const text = typeof lock === "string" ? lock : JSON.stringify(lock);
    writeFileSync(join(folder, "writer.lock"), text);
    expect(await isBeingWritten(folder)).toBe(true);
    await expect(takeWriterLock(folder)).rejects.toMatchObject(CONFLICT);
    expect(readFileSync(join(folder, "writer.lock"), "utf8")).toBe(text);
  }
});

test("of many that take over a stale lock at once, one gets it", async () => {
  const folder = temporaryFolder();
  const mine = await lockFile();
  writeFileSync(join(folder, "writer.lock"), JSON.stringify({ ...mine, token: "gone" }));
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => takeWriterLock(folder)),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const result of results)
    if (result.status === "rejected") expect(result.reason).toMatchObject(CONFLICT);
  expect(existsSync(join(folder, "writer.lock"))).toBe(true);
  expect(readdirSync(folder)).toEqual(["writer.lock"]);
});
