import { describe, expect, test } from "vitest";
import type { Arm, ArmRun } from "../../scripts/results/arm-runs.ts";
import { type Measure, Results } from "../../scripts/results/measures.ts";
import { direction, interval, percent, table } from "../../scripts/results/page.ts";
import { RunFolder } from "../../src/runs/run-folder.ts";

describe("numbers on a page", () => {
  test("an interval has two significant digits and its mean as many decimals", () => {
    expect(interval({ mean: 0.91234, low: 0.9, high: 0.92468, n: 3 })).toBe("0.912 ± 0.012");
    expect(interval({ mean: 0.02, low: -0.1, high: 0.14, n: 3 }, true)).toBe("+0.02 ± 0.12");
    expect(percent({ mean: -0.0473, low: -0.06, high: -0.0346, n: 3 }, true)).toBe("−4.7 ± 1.3 %");
    expect(interval({ mean: 0.999987, low: 0.99998, high: 0.999994, n: 3 })).toBe(
      "1.0000 ± <0.0001",
    );
    expect(interval({ mean: 1, low: 1, high: 1, n: 3 })).toBe("1.00 ± 0.00");
    expect(interval({ mean: 0.5, n: 1 })).toBe("0.500");
    expect(interval(undefined)).toBe("–");
  });

  test("a difference is told from none when its interval leaves out 0, and never without one", () => {
    expect(direction({ mean: 1, low: 0.1, high: 1.9, n: 3 })).toBe(1);
    expect(direction({ mean: -1, low: -1.9, high: -0.1, n: 3 })).toBe(-1);
    expect(direction({ mean: 1, low: -0.1, high: 2.1, n: 3 })).toBe(0);
    expect(direction({ mean: 1, n: 1 })).toBeUndefined();
    expect(direction(undefined)).toBeUndefined();
  });

  test("a table is Markdown with numbers to the right", () => {
    expect(table(["arm", "FVU"], [["none", "0.1"]])).toBe(
      "| arm | FVU |\n|---|---:|\n| none | 0.1 |",
    );
  });
});

describe("means over seeds", () => {
  const arm = (name: string): Arm => ({ name, title: name, settings: [], seeds: [1, 2, 3] });
  const [none, mfr] = [arm("none"), arm("mfr")];
  const value: Measure = {
    label: "value",
    of: ({ folder }) => ({ value: Number(folder.path), null: 0.2 }),
  };
  const run = (of: Arm, seed: number, number: number): ArmRun => ({
    arm: of,
    seed,
    folder: new RunFolder(String(number)),
    data: undefined as never,
    logs: undefined as never,
  });
  const results = new Results([
    run(none, 1, 1),
    run(none, 2, 2),
    run(none, 3, 4),
    // In another order, to see that seeds are paired and not places.
    run(mfr, 3, 4.4),
    run(mfr, 1, 1.1),
    run(mfr, 2, 2.2),
  ]);

  test("are those of the arm, next to their null", () => {
    expect(results.cell(none, value)).toMatchObject({ n: 3, null: expect.closeTo(0.2, 12) });
    expect(results.cell(none, value)!.mean).toBeCloseTo(7 / 3, 12);
  });

  test("are compared seed by seed", () => {
    const change = results.compared(mfr, none, value, (a, b) => a / b - 1)!;
    expect(change.mean).toBeCloseTo(0.1, 12);
    expect(change.high! - change.low!).toBeLessThan(1e-9);
    expect(results.compared(mfr, none, value)!.values[0]).toBeCloseTo(0.4, 12);
  });

  test("an arm with a seed missing is not complete, and has no comparison with one that lacks its seed", () => {
    const fewer = new Results(results.runs.filter((r) => r.arm !== none || r.seed !== 2));
    expect([fewer.complete(none), fewer.complete(mfr)]).toEqual([false, true]);
    expect(fewer.compared(mfr, none, value)).toBeUndefined();
  });
});
