import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { RunFolder } from "./run-folder.ts";
import { firstLogLine, type LogLine, lastLogLine, logLines, openLogs } from "./run-log.ts";

const METRICS = "metrics.jsonl";

async function all(folder: RunFolder): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of logLines(folder, METRICS)) lines.push(line);
  return lines;
}

function logged(text: string): RunFolder {
  const folder = new RunFolder(temporaryFolder());
  writeFileSync(folder.file(METRICS), text);
  return folder;
}

test("lines are read one after the other, a torn last one left out", async () => {
  const folder = logged('{"step":1,"fvu":0.5}\n{"step":2}\n{"step":3,"fv');
  expect(await all(folder)).toEqual([{ step: 1, fvu: 0.5 }, { step: 2 }]);
  expect(await firstLogLine(folder, METRICS)).toEqual({ step: 1, fvu: 0.5 });
  expect(await lastLogLine(folder, METRICS)).toEqual({ step: 2 });
});

test("a log that is not there, or empty, has no lines", async () => {
  const none = new RunFolder(temporaryFolder());
  expect([await all(none), await firstLogLine(none, METRICS)]).toEqual([[], undefined]);
  expect(await lastLogLine(none, METRICS)).toBeUndefined();
  expect(await lastLogLine(logged(""), METRICS)).toBeUndefined();
});

test("a line without a step is damage, with the file's name", async () => {
  await expect(all(logged('{"fvu":1}\n'))).rejects.toThrow("metrics.jsonl: a line has no step.");
  await expect(lastLogLine(logged('{"fvu":1}\n'), METRICS)).rejects.toThrow("has no step");
});

test("going on from a checkpoint cuts what came behind it, and appends", async () => {
  const folder = logged('{"step":1}\n{"step":2}\n{"step":3}\n');
  writeFileSync(folder.file("events.jsonl"), '{"step":2,"event":"x"}\n{"step":3,"event":"y"}\n');
  const logs = await openLogs(folder, 2);
  await logs.append(METRICS, { step: 3, again: true });
  await logs.sync();
  await logs.close();
  expect(await all(folder)).toEqual([{ step: 1 }, { step: 2 }, { step: 3, again: true }]);
  expect(readFileSync(folder.file("events.jsonl"), "utf8")).toBe('{"step":2,"event":"x"}\n');
  expect(readFileSync(folder.file("timings.jsonl"), "utf8")).toBe("");
});

test("a step that a longer run does not log loses its line, and keeps its events", async () => {
  const folder = logged('{"step":1}\n{"step":2}\n');
  writeFileSync(folder.file("events.jsonl"), '{"step":2,"event":"x"}\n');
  await (await openLogs(folder, 2, false)).close();
  expect(await all(folder)).toEqual([{ step: 1 }]);
  expect(readFileSync(folder.file("events.jsonl"), "utf8")).toBe('{"step":2,"event":"x"}\n');
});
