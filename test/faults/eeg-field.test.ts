/**
 * @file Recordings as the field has them, where the folder of them is there: each gives what other
 *   programs read in it.
 */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { edfInfo } from "../../src/domains/eeg/edf/info.ts";
import { openEdf } from "../../src/domains/eeg/edf/open-edf.ts";
import { prepareEeg } from "../../src/domains/eeg/windows/prepare.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FIELD = resolve(import.meta.dirname, "../../../shared/data/field");
const reason = existsSync(FIELD) ? undefined : `there is no ${FIELD}`;
const file = (name: string) => join(FIELD, `${name}.edf`);
const fixed = (name: string) => prepareEeg({ paths: file(name), variant: "fixed" });

describe.skipIf(announceSkip("recordings of the field", reason))("field recordings", () => {
  test("a dead electrode is left out, with its reason, and the others are used", async () => {
    const { layout, report } = await fixed("dead-t3");
    expect(layout.channels).toHaveLength(18);
    expect(layout.channels).not.toContain("T7");
    expect(report.used[0]).toMatchObject({
      windows: 39,
      skippedChannels: [{ label: "T3", reason: "flat from beginning to end" }],
    });
  });

  test.each([
    ["declared-0", 10],
    ["unit-utf8", 10],
    ["mass-cle", 19],
    ["digital-swapped", 10],
  ])("%s has %d electrodes and 39 windows", async (name, electrodes) => {
    const { layout, report } = await fixed(name);
    expect([layout.channels.length, report.windows]).toEqual([electrodes, 39]);
  });

  test("a unit in UTF-8 gives the windows of uV", async () => {
    const { recordings } = await fixed("unit-utf8");
    const { recordings: plain } = await fixed("declared-0");
    expect(recordings[0]!.windows).toEqual(plain[0]!.windows);
  });

  test("a digital range from high to low is read as pyedflib and MNE read it", async () => {
    const edf = await openEdf(file("digital-swapped"));
    const first = await edf.readSignal(0, { count: 4 });
    expect([...first]).toEqual([-1.4, -11.6, -29.7, -30.2].map((v) => expect.closeTo(v, 6)));
    await edf.close();
  });

  test("events in records of no duration", async () => {
    const { annotations, warnings } = await edfInfo(file("zero-duration-events"));
    expect(
      annotations.map(({ onset, duration, texts }) => [onset, duration ?? 0, ...texts]),
    ).toEqual([
      [0, 0, "Recording starts"],
      [612, 12, "Hypopnea"],
      [1507, 0, "Hypopnea"],
      [2300, 15, "Obstructive Apnea"],
    ]);
    expect(warnings).toHaveLength(1);
  });

  test("a run says what was wrong with a header", async () => {
    const folder = temporaryFolder();
    const args = ["run", join(FIELD, "eeg.yaml"), "--set", `source.paths=${file("declared-0")}`];
    const { code, stderr } = await concord(args, folder);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^source: .*declared-0\.edf: number of data records .* holds 20/m);
    const record = JSON.parse(readFileSync(join(folder, "runs/field-eeg/run.json"), "utf8"));
    expect(record.provenance.report.used[0].warnings).toHaveLength(1);
  });
});
