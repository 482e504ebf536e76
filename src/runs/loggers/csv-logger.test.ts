import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { RunFolder } from "../run-folder.ts";
import { CSV_COLUMNS, openCsvLogger } from "./csv-logger.ts";
import { lineNumbers } from "./logger.ts";
import { openLoggers } from "./open-loggers.ts";

const folder = () => new RunFolder(temporaryFolder());
const text = (of: RunFolder) => readFileSync(of.file("metrics.csv"), "utf8");
const HEAD = `${CSV_COLUMNS.join(",")}\n`;

describe("metrics.csv", () => {
  test("has a line for every member, an empty cell for what is not there or not finite", async () => {
    const run = folder();
    const logger = await openCsvLogger(run);
    await logger.log({
      step: 5,
      activations: 160,
      coupling_loss: 0.25,
      members: { a: { loss: 1, fvu: 0.5, l0: null }, b: { lr: 0.001, fvu: Number.NaN } },
    });
    expect(text(run)).toBe(
      `${HEAD}5,160,a,1,0.5,,,,,,,,,,,0.25,,\n5,160,b,,,,,,,0.001,,,,,,0.25,,\n`,
    );
  });

  test("quotes names that would be several cells or lines", async () => {
    const run = folder();
    const logger = await openCsvLogger(run);
    await logger.log({ step: 1, members: { 'a "b", c': { loss: 1 }, "d\ne": { loss: 2 } } });
    expect(text(run)).toContain('1,,"a ""b"", c",1,');
    expect(text(run)).toContain('1,,"d\ne",2,');
  });

  test("says what metrics.jsonl says when it is opened, whatever it held", async () => {
    const run = folder();
    writeFileSync(run.file("metrics.csv"), "torn");
    writeFileSync(run.file("metrics.jsonl"), '{"step":1,"members":{"a":{"loss":3}}}\n');
    await openCsvLogger(run);
    expect(text(run)).toBe(`${HEAD}1,,a,3,,,,,,,,,,,,,,\n`);
  });

  test("has its columns when nothing was logged yet", async () => {
    const run = folder();
    await openCsvLogger(run);
    expect(text(run)).toBe(HEAD);
  });
});

test("a logger that is named twice logs once, and none logs nothing", async () => {
  const run = folder();
  const line = { step: 1, members: { a: { loss: 1 } } };
  const loggers = await openLoggers(run, ["csv", "csv"], 0, () => new Date(0));
  await loggers.log(line);
  expect(text(run).trimEnd().split("\n")).toHaveLength(2);
  await expect((await openLoggers(folder(), [], 0, () => new Date(0))).log(line)).resolves.toBe(
    undefined,
  );
});

test("numbers of a line are those that JSON can hold", () => {
  const { step, population, members } = lineNumbers({
    step: 3,
    activations: 5,
    note: "text",
    coupling_loss: null,
    members: { a: { loss: 1, bad: Number.POSITIVE_INFINITY, text: "x" } },
  });
  expect(step).toBe(3);
  expect([...population]).toEqual([["activations", 5]]);
  expect([...members.get("a")!]).toEqual([["loss", 1]]);
  expect(lineNumbers({ step: 1 }).members.size).toBe(0);
});
