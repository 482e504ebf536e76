import { describe, expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { madeMember, madeRun, madeSimilarity } from "../../test/support/run-data.ts";
import type { Markup } from "../figures/html/html.ts";
import { loggedEvents, loggedTimings } from "./logged.ts";
import type { RunData } from "./run-data.ts";
import {
  attemptTable,
  eventTable,
  latentCount,
  meanSimilarity,
  measuredTable,
  memberTable,
  pairTable,
  settingText,
  similarityTable,
  timingTable,
} from "./run-tables.ts";

/** The text of every cell, row by row; the heads first. */
function rowsOf(table: Markup | undefined): string[][] {
  return allElements(parseMarkup(table!.markup))
    .filter((e) => e.name === "tr")
    .map((row) =>
      allElements(row)
        .filter((e) => /^t[hd]$/.test(e.name))
        .map(textOf),
    );
}

/** The cells below the first head that begins with `head`. */
const column = (table: Markup | undefined, head: string): string[] => {
  const [heads, ...rows] = rowsOf(table);
  const at = heads!.findIndex((text) => text.startsWith(head));
  return rows.map((row) => row[at]!);
};

describe("members", () => {
  test("have a row each, and every metric with the decimals of its column", () => {
    const table = memberTable(madeRun());
    expect(column(table, "Member")).toEqual(["member-0", "member-1", "independent-2"]);
    expect(column(table, "Seed")).toEqual(["0", "1", "2"]);
    expect(column(table, "Latents")).toEqual(["16", "16", "16"]);
    expect(column(table, "FVU")).toEqual(["0.100", "0.100", "0.100"]);
    expect(table!.markup).toContain("Members on 1000 held-out activations");
  });

  test("have a column for each key that they differ in, a dash where one has none", () => {
    const members = [
      madeMember("member-0", { setting: { k: 4, architecture: "topk" } }),
      madeMember("member-1", { setting: { l1: 0.5, architecture: "relu" } }),
    ];
    const table = memberTable(madeRun({ evaluation: { rows: 1, members } }));
    expect(column(table, "k")).toEqual(["4", "–"]);
    expect(column(table, "l1")).toEqual(["–", "0.5"]);
    // The architecture has its own column.
    expect(rowsOf(table)[0]!.filter((head) => /architecture/i.test(head))).toHaveLength(1);
  });

  test("show a dash for a metric that is not a number, or missing", () => {
    const members = [
      madeMember("member-0", { metrics: { fvu: null as never } }),
      madeMember("member-1", { metrics: { fvu: Number.NaN, mse: 1 } }),
    ];
    const table = memberTable(madeRun({ evaluation: { rows: 1, members } }));
    expect(column(table, "FVU")).toEqual(["–", "–"]);
    expect(column(table, "MSE")).toEqual(["–", "1.00"]);
  });

  test("are not there before a run is evaluated", () => {
    expect(memberTable(madeRun({ evaluation: undefined }))).toBeUndefined();
  });

  test("latents are the dead ones and those of all bins", () => {
    expect(latentCount(madeMember("a"))).toBe(16);
  });
});

describe("similarities", () => {
  test("are means over their comparisons, end by end", () => {
    const mean = meanSimilarity([madeSimilarity(0.5), madeSimilarity(0.7)]);
    expect(mean.mcc).toBeCloseTo(0.6, 12);
    expect(mean.mean_max[0]).toBeCloseTo(0.61, 12);
    expect(mean.mean_max[1]).toBeCloseTo(0.62, 12);
    expect(mean).toMatchObject({ mcc_null: 0.25, mean_max_null: [0.3, 0.31], shared_null: 0 });
  });

  test("without the null of shared features have none, rather than 0", () => {
    const { shared_null: _, ...old } = madeSimilarity(0.5);
    expect(meanSimilarity([old]).shared_null).toBeNaN();
    const pairs = [{ a: "member-0", b: "member-1", ...old }];
    const rows = rowsOf(similarityTable(madeRun({ consistency: { pairs } })));
    expect(rows[1]!.at(-1)).toBe("–");
  });

  test("have a row for each kind, with the number of pairs and the null beside", () => {
    const rows = rowsOf(similarityTable(madeRun())).slice(1);
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ["Members with each other", "1", "0.750", "0.250"],
      ["Members with independent members", "2", "0.550", "0.250"],
    ]);
  });

  test("with the truth keep independent members apart", () => {
    const consistency = {
      pairs: [],
      ground_truth: [
        { member: "member-0", ...madeSimilarity(0.9) },
        { member: "independent-2", ...madeSimilarity(0.4) },
      ],
    };
    const rows = rowsOf(similarityTable(madeRun({ consistency }))).slice(1);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ["Members with the true features", "1", "0.900"],
      ["Independent members with the true features", "1", "0.400"],
    ]);
  });

  test("of pairs that no mean counts have rows of their own", () => {
    const members = [
      madeMember("member-0", { seed: 0, setting: { k: 1 } }),
      madeMember("member-1", { seed: 0, setting: { k: 1 } }),
      madeMember("member-2", { seed: 0, setting: { k: 2 } }),
    ];
    const pairs = [
      { a: "member-0", b: "member-1", ...madeSimilarity(0.99) },
      { a: "member-0", b: "member-2", ...madeSimilarity(0.4) },
    ];
    const run = madeRun({ evaluation: { rows: 1, members }, consistency: { pairs } });
    expect(
      rowsOf(similarityTable(run))
        .slice(1)
        .map((row) => row.slice(0, 3)),
    ).toEqual([
      ["Members with different settings", "1", "0.400"],
      ["Members that began with the same weights", "1", "0.990"],
    ]);
  });

  test("without any comparison have no table", () => {
    expect(similarityTable(madeRun({ consistency: undefined }))).toBeUndefined();
    expect(similarityTable(madeRun({ consistency: { pairs: [] } }))).toBeUndefined();
    expect(pairTable(madeRun({ consistency: undefined }))).toBeUndefined();
    expect(pairTable(madeRun({ consistency: { pairs: [] } }))).toBeUndefined();
  });

  test("of every pair are listed by name, those with the truth last", () => {
    const { consistency } = madeRun();
    const ground_truth = [{ member: "member-0", ...madeSimilarity(0.9) }];
    const table = pairTable(madeRun({ consistency: { ...consistency!, ground_truth } }));
    expect(column(table, "Pair")).toEqual([
      "member-0 – member-1",
      "member-0 – independent-2",
      "member-1 – independent-2",
      "member-0 – truth",
    ]);
  });

  test("of very many pairs are listed in part, and the rest is said to be in the file", () => {
    const pairs = Array.from({ length: 501 }, (_, i) => ({
      a: `member-${i}`,
      b: "x",
      ...madeSimilarity(0.5),
    }));
    const table = pairTable(madeRun({ consistency: { pairs } }));
    expect(rowsOf(table)).toHaveLength(501);
    expect(table!.markup).toContain("500 of 501 comparisons; all are in results/consistency.json.");
  });
});

describe("times", () => {
  const timed = async (lines: { step: number; total: number; members: number; source: number }[]) =>
    timingTable({ timings: await loggedTimings(lines, new Set([1])) });

  test("are medians by part, and shares of the sum", async () => {
    const table = await timed([
      { step: 1, total: 500, members: 500, source: 0 },
      { step: 2, total: 10, members: 8, source: 2 },
      { step: 3, total: 30, members: 20, source: 10 },
      { step: 4, total: 60, members: 32, source: 28 },
    ]);
    expect(rowsOf(table).slice(1)).toEqual([
      ["Members: encode, decode, gradients, update", "20.0", "60.0\u202f%"],
      ["Waiting for the source", "10.0", "40.0\u202f%"],
      ["Whole step", "30.0", "100.0\u202f%"],
    ]);
    expect(table!.markup).toContain("over 3 logged ones (first steps, which warm up, left out)");
  });

  test("of an even number of steps have the middle of the middle two", async () => {
    const table = await timed([
      { step: 2, total: 10, members: 10, source: 0 },
      { step: 3, total: 20, members: 20, source: 0 },
    ]);
    expect(column(table, "Median").at(-1)).toBe("15.0");
  });

  test("of the first step alone do not say that it was left out", async () => {
    const table = await timed([{ step: 1, total: 5, members: 5, source: 0 }]);
    expect(table!.markup).toContain("A step, over 1 logged ones");
    expect(table!.markup).not.toContain("left out");
  });

  test("that nobody logged have no table", async () => {
    expect(await timed([])).toBeUndefined();
  });
});

describe("events", () => {
  const events = async (n: number) =>
    eventTable(
      madeRun({
        events: await loggedEvents(
          Array.from({ length: n }, (_, i) => ({
            step: 1000 * i,
            event: "reinitialised",
            member: "member-0",
            latents: [1, 2],
          })),
        ),
      }),
    );

  test("are listed with what else they say", async () => {
    expect(rowsOf(await events(1))).toEqual([
      ["Step", "Event", "Details"],
      ["0", "reinitialised", "member member-0, latents [1,2]"],
    ]);
  });

  test("are folded away when there are many, and none have no table", async () => {
    expect((await events(12))!.markup).not.toContain("<details>");
    expect((await events(13))!.markup).toContain("<summary>13 events</summary>");
    expect(await events(0)).toBeUndefined();
  });
});

test("processes say when they ended, how far they got, and why they failed", () => {
  const attempt = { startedAt: "t0", host: "h", pid: 1, fromStep: 0 };
  const attempts = [
    { ...attempt, endedAt: "t1", toStep: 12_000, error: "The disk is full." },
    { ...attempt, endedAt: "t2", fromStep: 12_000, toStep: 20_000 },
    attempt,
  ];
  const table = attemptTable(madeRun({ record: { ...madeRun().record, attempts } }));
  expect(
    rowsOf(table)
      .slice(1)
      .map((row) => row.slice(1)),
  ).toEqual([
    ["t1", "h", "0", "12\u202f000", "The disk is full."],
    ["t2", "h", "12\u202f000", "20\u202f000", "success"],
    ["–", "h", "0", "–", "–"],
  ]);
});

describe("the whole run", () => {
  const table = (record: Partial<RunData["record"]>) =>
    measuredTable(madeRun({ record: { ...madeRun().record, ...record } }));

  test("is shown in units that the names of its quantities end with", () => {
    const measured = {
      peak_memory_bytes: 3 * 2 ** 20,
      training_seconds: 12.34,
      activations_per_second: 123_456.7,
      flops: 2_000_000,
    };
    expect(rowsOf(table({ measured }))).toEqual([
      ["Quantity", "Measured"],
      ["peak memory", "3\u202fMiB"],
      ["training", "12.3\u202fs"],
      ["activations", "123\u202f457/s"],
      ["flops", "2\u202f000\u202f000"],
    ]);
  });

  test("has what was planned beside it, and a dash for what was not measured", () => {
    const planned = { peak_memory_bytes: 2 ** 20, disk_bytes: 2 ** 21 };
    expect(rowsOf(table({ measured: { peak_memory_bytes: 2 ** 21 }, planned })).slice(1)).toEqual([
      ["peak memory", "2\u202fMiB", "1\u202fMiB"],
      ["disk", "–", "2\u202fMiB"],
    ]);
  });

  test("of which nothing is known has no table", () => {
    expect(table({})).toBeUndefined();
  });
});

test("values are texts as they are, and JSON else", () => {
  expect(["topk", 16, { a: 1 }, [1], null, undefined].map(settingText)).toEqual([
    "topk",
    "16",
    '{"a":1}',
    "[1]",
    "null",
    "",
  ]);
});
