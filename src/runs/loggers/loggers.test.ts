import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../../test/support/tiny-run.ts";
import { eventPrefix } from "../../formats/tfevents.ts";
import { RunFolder } from "../run-folder.ts";
import { type LogLine, logLines } from "../run-log.ts";
import { CSV_COLUMNS } from "./csv-logger.ts";

const LOGGERS = "loggers=[csv, tensorboard]";
const SETTINGS = [
  LOGGERS,
  "coupling={weight: 0.5}",
  "training={batch: 32, steps: 20, log_every: 2, checkpoint_every: 6, agreement_every: 5}",
];
const EVENTS = "events.out.tfevents.concord";

/** The steps of the events in a file, which must be whole. */
function stepsOf(path: string): number[] {
  const file = readFileSync(path);
  const steps: number[] = [];
  for (let step = 0; step <= 20; step++) {
    const { lastStep } = eventPrefix(file, step);
    if (lastStep === step && step > 0) steps.push(step);
  }
  expect(eventPrefix(file, 20).bytes).toBe(file.byteLength);
  return steps;
}

const LOGGED = [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20];

test("metrics.csv has a line for every log point and member, with the numbers of metrics.jsonl", async () => {
  const [run] = await tinyRuns(temporaryFolder(), SETTINGS);
  const [head, ...lines] = readFileSync(run!.file("metrics.csv"), "utf8").trimEnd().split("\n");
  expect(head!.split(",")).toEqual([...CSV_COLUMNS]);
  const log: LogLine[] = [];
  for await (const line of logLines(run!, "metrics.jsonl")) log.push(line);
  expect(log.map((line) => line.step)).toEqual(LOGGED);
  const expected = log.flatMap(({ members, ...population }) =>
    Object.entries(members as Record<string, Record<string, number>>).map(([member, numbers]) => {
      // A number that a member has must have a column.
      for (const key of Object.keys(numbers)) expect(CSV_COLUMNS).toContain(key);
      for (const key of Object.keys(population)) expect(CSV_COLUMNS).toContain(key);
      const all: Record<string, unknown> = { ...numbers, ...population, member };
      return CSV_COLUMNS.map((key) => String(all[key] ?? "")).join(",");
    }),
  );
  expect(lines).toEqual(expected);
  expect(log.filter((line) => "pw_mcc" in line)).toHaveLength(4);
  expect(lines).toHaveLength(4 * LOGGED.length);
});

test("a run that was interrupted and went on has the same metrics.csv, and every event once", async () => {
  const [whole] = await tinyRuns(temporaryFolder(), SETTINGS);
  const folder = temporaryFolder();
  const stop = new AbortController();
  let stepped = 0;
  const interrupt = (e: { kind: string }) => {
    if (e.kind === "step" && ++stepped === 9) stop.abort();
  };
  await expect(tinyRuns(folder, SETTINGS, interrupt, stop.signal)).rejects.toThrow("Interrupted");
  const run = new RunFolder(join(folder, "tiny"));
  const member = run.file("tensorboard", "member-1", EVENTS);

  // As a kill would leave them: lines and events after the checkpoint, and torn ones; one file is
  // gone, another damaged.
  appendFileSync(run.file("metrics.csv"), "18,576,member-0,1\n18,5");
  appendFileSync(member, readFileSync(member).subarray(0, 40));
  rmSync(run.file("tensorboard", "member-0", EVENTS));
  const damaged = run.file("tensorboard", "member-2", EVENTS);
  writeFileSync(damaged, readFileSync(damaged).fill(0, 100, 101));
  truncateSync(run.file("tensorboard", "independent-0", EVENTS), 0);
  await tinyRuns(folder, SETTINGS, () => {}, undefined, true);

  expect(readFileSync(run.file("metrics.csv"))).toEqual(readFileSync(whole!.file("metrics.csv")));
  for (const name of ["", "member-0", "member-1", "member-2", "independent-0"])
    expect(stepsOf(run.file("tensorboard", name, EVENTS)), name).toEqual(LOGGED);
});

test("a run that goes on from an earlier checkpoint takes the later lines and events back", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder, SETTINGS);
  const before = readFileSync(run!.file("metrics.csv"));
  const root = run!.file("checkpoints");
  for (const name of readdirSync(root))
    if (name !== "step-000018") rmSync(join(root, name), { recursive: true });
  rmSync(run!.file("saes"), { recursive: true });
  await tinyRuns(folder, SETTINGS, () => {}, undefined, true);
  expect(readFileSync(run!.file("metrics.csv"))).toEqual(before);
  expect(stepsOf(run!.file("tensorboard", "member-0", EVENTS))).toEqual(LOGGED);
});

test("without loggers there are no files of theirs, and an unknown one is refused", async () => {
  const [run] = await tinyRuns(temporaryFolder());
  for (const name of ["metrics.csv", "tensorboard"])
    expect(existsSync(run!.file(name))).toBe(false);
  await expect(tinyRuns(temporaryFolder(), ["loggers=[wandb]"])).rejects.toThrow(/^--set loggers/);
});
