import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated } from "../../test/fuzz/mutate.ts";
import { survives } from "../../test/fuzz/survives.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { FormatError } from "../errors.ts";
import { RunFolder } from "./run-folder.ts";
import { parseRecord, type RunRecord, recordFile } from "./run-record.ts";

const RECORD: RunRecord = {
  name: "mfr/seed=1",
  status: "finished",
  createdAt: "2026-01-02T03:04:05.678Z",
  versions: { concord: "0.1.0", node: "20.20.2" },
  backend: { name: "native", isa: "avx512", threads: 2 },
  attempts: [
    { startedAt: "2026-01-02T03:04:05.678Z", host: "here", pid: 12, fromStep: 0 },
    {
      startedAt: "2026-01-02T03:04:06.678Z",
      endedAt: "2026-01-02T03:05:06.678Z",
      host: "there",
      pid: 13,
      fromStep: 500,
      toStep: 1000,
      trainingSeconds: 0.5,
      error: "the disk is full",
    },
  ],
  provenance: {
    kind: "eeg",
    heldOutRows: 12,
    textSha256: "ab",
    heldOutRecordings: ["a.edf"],
    report: {
      used: [{ name: "a.edf", paddedWindows: 0, rejectedBy: { Fp1: 3, "EEG C3-Ref": 1 } }],
    },
  },
  totalSteps: 1000,
  planned: { peak_memory_bytes: 2 ** 27 },
  measured: { peak_memory_bytes: 2 ** 27 + 1, training_seconds: 1.5 },
};

test("run.json is in snake_case and read back as it was", async () => {
  const folder = new RunFolder(temporaryFolder());
  await folder.writeRecord(RECORD);
  expect(await folder.readRecord()).toEqual(RECORD);
  const keys = readFileSync(folder.file("run.json"), "utf8").match(/"\w+":/g)!;
  for (const key of ["created_at", "held_out_rows", "text_sha256", "padded_windows"])
    expect(keys).toContain(`"${key}":`);
  expect(keys.filter((key) => /[A-Z]/.test(key))).toEqual(['"Fp1":']);
});

test("what a store's rows are is said in one place, in records of the first runs too", () => {
  const rows = { kind: "language_model", model: "gpt2", hook: "blocks.8.hook_resid_pre" };
  const before = { kind: "shards", rows: 5, trainRows: 4, collectedFrom: rows };
  const file = recordFile({ ...RECORD, provenance: before });
  expect(parseRecord(file, "run.json").provenance).toEqual({ rows: 5, trainRows: 4, ...rows });
});

test("any record survives the file", () => {
  const text = fc.string({ maxLength: 8 });
  const attempt = fc.record(
    {
      startedAt: text,
      endedAt: text,
      host: text,
      pid: fc.nat(),
      fromStep: fc.nat(),
      toStep: fc.nat(),
      trainingSeconds: fc.nat(),
      error: text,
    },
    { requiredKeys: ["startedAt", "host", "pid", "fromStep"] },
  );
  const any = fc.record(
    {
      attempts: fc.array(attempt, { maxLength: 3 }),
      totalSteps: fc.nat(),
      status: fc.constantFrom("running", "failed", "interrupted", "finished"),
    },
    { requiredKeys: ["attempts", "status"] },
  );
  fc.assert(
    fc.property(any, (some) => {
      const { totalSteps: _, ...rest } = RECORD;
      const record = { ...rest, ...some } as RunRecord;
      const written = JSON.parse(JSON.stringify(recordFile(record)));
      expect(parseRecord(written, "run.json")).toEqual(JSON.parse(JSON.stringify(record)));
    }),
  );
});

test("a damaged run.json is read or refused in a line that names it", async () => {
  const good = Buffer.from(JSON.stringify(recordFile(RECORD)));
  const cases = Array.from({ length: 1500 }, (_, number): [string, Uint8Array] => [
    `damage ${number}`,
    mutated(good, "run.json", number),
  ]);
  const survival = await survives(cases, (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(bytes).toString("utf8"));
    } catch {
      throw new FormatError("run.json", "not JSON");
    }
    const record = parseRecord(value, "run.json");
    expect(parseRecord(recordFile(record), "run.json")).toEqual(record);
  });
  expect(survival.parsed).toBeGreaterThan(25);
  expect(survival.refused).toBeGreaterThan(500);
  expect(() => parseRecord({ format: 2, name: "x" }, "run.json")).toThrow(/^run\.json: status: /);
});
