import { describe, expect, test } from "vitest";
import { loggedEvents, loggedMetrics, loggedTimings, MOST_EVENTS } from "./logged.ts";

describe("metrics", () => {
  test("give each member its curves, in the order of the log", async () => {
    const found = await loggedMetrics([
      { step: 1, members: { b: { fvu: 0.5, loss: 3 }, a: { fvu: 0.6, loss: 4 } } },
      {
        step: 5,
        members: { b: { fvu: 0.4, loss: 2 }, a: { fvu: 0.3, loss: 1 } },
        coupling_loss: 7,
      },
    ]);
    expect([found.lines, found.lastStep]).toEqual([2, 5]);
    expect([...found.members.keys()]).toEqual(["b", "a"]);
    expect(found.members.get("a")!.fvu).toEqual({
      logged: 2,
      points: [
        { x: 1, y: 0.6 },
        { x: 5, y: 0.3 },
      ],
    });
    expect(found.members.get("b")!.loss.points.map((p) => p.y)).toEqual([3, 2]);
    expect(found.couplingLoss.points).toEqual([{ x: 5, y: 7 }]);
  });

  test("that are null, as JSON writes what is not a number, leave a gap", async () => {
    const found = await loggedMetrics([
      { step: 1, members: { a: { fvu: 0.5, loss: null } } },
      { step: 2, members: { a: { fvu: null, loss: 1 } } },
    ]);
    expect(found.members.get("a")!.fvu).toEqual({ logged: 1, points: [{ x: 1, y: 0.5 }] });
    expect(found.members.get("a")!.loss).toEqual({ logged: 1, points: [{ x: 2, y: 1 }] });
  });

  test("of no line, and of lines without members, are empty", async () => {
    expect(await loggedMetrics([])).toMatchObject({ lines: 0, lastStep: 0, members: new Map() });
    expect(await loggedMetrics([{ step: 3 }])).toMatchObject({ lines: 1, lastStep: 3 });
  });

  test("that some lines have of agreement are curves beside their nulls, by setting", async () => {
    const found = await loggedMetrics([
      { step: 1, members: { a: { fvu: 1 } } },
      {
        step: 5,
        members: { a: { gt_mcc: 0.4, gt_mcc_null: 0.3 } },
        pw_mcc: 0.5,
        pw_mcc_null: 0.2,
      },
      {
        step: 9,
        pw_mcc_by_setting: [
          { setting: { k: 4 }, mean: 0.7, null: 0.1, pairs: 3 },
          { setting: { k: 8 }, mean: null, null: 0.1, pairs: 3 },
          "damaged",
        ],
      },
    ]);
    const curve = (x: number, y: number) => ({ logged: 1, points: [{ x, y }] });
    expect(found.pwMcc).toEqual([
      { setting: {}, value: curve(5, 0.5), null: curve(5, 0.2) },
      { setting: { k: 4 }, value: curve(9, 0.7), null: curve(9, 0.1) },
    ]);
    expect(found.members.get("a")!.gtMcc).toEqual({ value: curve(5, 0.4), null: curve(5, 0.3) });
  });

  test("may come one after the other", async () => {
    async function* lines() {
      yield { step: 1, members: { a: { fvu: 1 } } };
    }
    expect((await loggedMetrics(lines())).lines).toBe(1);
  });
});

describe("timings", () => {
  const line = (step: number, total: number) => ({ step, total, members: total / 2, source: 0 });

  test("leave out first steps of processes, which warm up", async () => {
    const found = await loggedTimings([line(1, 100), line(2, 4), line(3, 6)], new Set([1]));
    expect(found).toMatchObject({ lines: 2, steady: true });
    expect(found.times.total).toMatchObject({ sum: 10, values: [4, 6] });
    expect(found.times.members.sum).toBe(5);
    // The curve shows all of them.
    expect(found.curves.total.points.map((p) => p.y)).toEqual([100, 4, 6]);
  });

  test("of first steps alone are shown, and said not to be steady", async () => {
    const found = await loggedTimings([line(1, 100)], new Set([1]));
    expect(found).toMatchObject({ lines: 1, steady: false });
    expect(found.times.total.values).toEqual([100]);
  });

  test("of a part that was never measured are none", async () => {
    const found = await loggedTimings([line(2, 4)], new Set());
    expect(found.times.coupling).toMatchObject({ sum: 0, values: [] });
    expect(found.curves.coupling.points).toEqual([]);
  });

  test("of very many steps keep the sum of all and a sample of the values", async () => {
    const steps = 150_000;
    function* lines() {
      for (let step = 1; step <= steps; step++) yield { step, total: step };
    }
    const { times } = await loggedTimings(lines(), new Set());
    expect(times.total.sum).toBe((steps * (steps + 1)) / 2);
    const { values } = times.total;
    expect(values.length).toBeLessThanOrEqual(2 ** 16);
    expect(values.length).toBeGreaterThan(2 ** 14);
    // Evenly spread: each value is as far from the next one.
    const gaps = new Set(values.slice(1).map((v, i) => v - values[i]!));
    expect(gaps.size).toBe(1);
  });
});

test("of many events the first are listed, and all are counted", async () => {
  const lines = Array.from({ length: MOST_EVENTS + 50 }, (_, i) => ({ step: i, event: "dead" }));
  const found = await loggedEvents(lines);
  expect(found.count).toBe(MOST_EVENTS + 50);
  expect(found.first).toHaveLength(MOST_EVENTS);
  expect(found.first.at(-1)!.step).toBe(MOST_EVENTS - 1);
  expect(await loggedEvents([])).toEqual({ count: 0, first: [] });
});
