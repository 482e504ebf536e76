import { Command, InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import { addVerb, byteCount, cosine, lazily, positiveInteger, verbOf } from "./verb.ts";

describe("a positive integer", () => {
  test.each([
    ["1", 1],
    ["042", 42],
    [" 7 ", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("is read from %j", (text, wanted) => {
    expect(positiveInteger(text)).toBe(wanted);
  });

  test.each(["0", "-1", "1.0", "1e3", "0x10", "+5", "", " ", "ten", "9007199254740992", "1_000"])(
    "is not %j",
    (text) => {
      expect(() => positiveInteger(text)).toThrow(InvalidArgumentError);
      expect(() => positiveInteger(text)).toThrow("Expected a positive integer.");
    },
  );
});

describe("a number of bytes", () => {
  test.each([
    ["500000", 500_000],
    ["1", 1],
    ["64k", 65_536],
    ["64K", 65_536],
    ["64kb", 65_536],
    ["64 KiB", 65_536],
    ["1.5M", 1_572_864],
    ["20G", 20 * 2 ** 30],
    ["1TiB", 2 ** 40],
    ["12b", 12],
    ["0.5k", 512],
    ["1.9", 1],
    ["  2m  ", 2 * 2 ** 20],
  ])("is read from %j, in units of 1024", (text, wanted) => {
    expect(byteCount(text)).toBe(wanted);
  });

  test.each(["0", "0.5", "-1k", "k", "", "1p", "1 000", "1e6", ".5k", "1..5k", "9999999T", "1ki"])(
    "is not %j",
    (text) => {
      expect(() => byteCount(text)).toThrow(InvalidArgumentError);
      expect(() => byteCount(text)).toThrow("for example 500k, 20M or 2G");
    },
  );
});

describe("a cosine", () => {
  test.each([
    ["0.7", 0.7],
    ["-1", -1],
    ["1", 1],
    ["0", 0],
    [" .5 ", 0.5],
    ["1e-3", 0.001],
  ])("is read from %j", (text, wanted) => {
    expect(cosine(text)).toBe(wanted);
  });

  test.each(["1.01", "-1.0001", "", " ", "NaN", "Infinity", "70%", "0,7"])("is not %j", (text) => {
    expect(() => cosine(text)).toThrow("Expected a cosine from -1 to 1.");
  });
});

describe("a verb", () => {
  const verb = {
    group: "saes",
    library: "compareFolders",
    summary: "compare things",
    examples: [
      ["things a b", "two of them"],
      ["things --all", "all of them"],
    ],
  } as const;

  function program(): { root: Command; said: string[] } {
    const said: string[] = [];
    const write = (text: string) => void said.push(text);
    const root = new Command("concord")
      .exitOverride()
      .configureOutput({ writeOut: write, writeErr: write });
    return { root, said };
  }

  test("ends its help with its examples, what each is for in front", () => {
    const { root, said } = program();
    addVerb(root, "things", verb).exitOverride();
    expect(() => root.parse(["node", "concord", "things", "--help"])).toThrow();
    const help = said.join("");
    expect(help).toContain("compare things");
    expect(help).toMatch(
      /\nExamples:\n {2}# two of them\n {2}concord things a b\n {2}# all of them\n {2}concord things --all\n/,
    );
  });

  test("points to its help when it is misused, by its whole name", () => {
    const { root, said } = program();
    const outer = addVerb(root, "outer", verb);
    const inner = addVerb(outer, "inner", verb)
      .exitOverride()
      .action(() => {});
    inner.configureOutput({ writeErr: (text) => void said.push(text) });
    expect(() => root.parse(["node", "concord", "outer", "inner", "--nonsense"])).toThrow();
    expect(said.join("")).toContain("hint: concord outer inner --help");
  });

  test("is known by its command, and a command of elsewhere is not one", () => {
    const { root } = program();
    expect(verbOf(addVerb(root, "things", verb))).toBe(verb);
    expect(() => verbOf(new Command("stray"))).toThrow("stray was not added by addVerb.");
  });

  test("stands below the heading of its group in the help of the program, if it is not nested", () => {
    const { root } = program();
    const outer = addVerb(root, "outer", verb);
    addVerb(outer, "inner", verb);
    expect(root.helpInformation()).toMatch(/Trained SAEs:\n {2}outer/);
    expect(outer.helpInformation()).not.toContain("Trained SAEs:");
  });
});

describe("an action that is loaded when it runs", () => {
  test("is loaded only then, and gets its arguments", async () => {
    const seen: unknown[] = [];
    let loads = 0;
    const act = lazily(async () => {
      loads++;
      return (a: string, b: number) => void seen.push([a, b]);
    });
    expect(loads).toBe(0);
    await act("x", 2);
    expect([loads, seen]).toEqual([1, [["x", 2]]]);
  });

  test("is waited for, and what it throws is passed on", async () => {
    const act = lazily(async () => () => Promise.reject(new Error("failed")));
    await expect(act()).rejects.toThrow("failed");
  });
});
