import { describe, expect, test } from "vitest";
import { ConcordError, ConfigError, type ErrorCode } from "../errors.ts";
import { EXIT_CODES, exitCodeOf, failureText } from "./exit.ts";

test.each<[ErrorCode, number]>([
  ["config/invalid", 2],
  ["argument/invalid", 2],
  ["file/missing", 2],
  ["hook/missing", 2],
  ["run/conflict", 2],
  ["interrupted", 130],
  ["format/invalid", 1],
  ["file/io", 1],
  ["network/failed", 1],
  ["numeric/not-finite", 1],
])("%s ends with the code %i, which is documented", (code, exit) => {
  expect(exitCodeOf(new ConcordError(code, "x"))).toBe(exit);
  expect(EXIT_CODES.map(([known]) => known)).toContain(exit);
});

test("what is not an error on purpose ends with 1", () => {
  expect([new Error("x"), "text", undefined].map(exitCodeOf)).toEqual([1, 1, 1]);
});

describe("a failure in words", () => {
  test("is a line, and a hint where there is one", () => {
    const error = new ConfigError("No k.", { hint: "Give k." });
    expect(failureText(error, false)).toBe("error: No k.\n  hint: Give k.");
    expect(failureText(new ConfigError("No k."), false)).toBe("error: No k.");
  });

  test("is one line even where an error has several", () => {
    expect(failureText(new ConcordError("file/io", "one\ntwo"), false)).toBe("error: one");
  });

  test("of the operating system says what to do", () => {
    const full = Object.assign(new Error("ENOSPC: raw"), {
      code: "ENOSPC",
      syscall: "write",
      path: "/x/a",
    });
    expect(failureText(full, false)).toBe(
      "error: Cannot write /x/a: the disk is full (ENOSPC).\n  hint: Free some space there, or choose a folder on another disk.",
    );
    const own = Object.assign(new Error(), { code: "EMFILE", path: "/x/dist/cli/main.js" });
    expect(failureText(own, false)).toContain("Cannot use the program: too many files are open");
  });

  test("of a program that is not whole says to install it again", () => {
    const gone = Object.assign(new Error("Cannot find x"), { code: "ERR_MODULE_NOT_FOUND" });
    expect(failureText(gone, false)).toContain("error: Cannot load the program: Cannot find x.");
  });

  test("that is unexpected says so, and how to see more", () => {
    expect(failureText(new TypeError("x is undefined"), false)).toBe(
      "unexpected error: x is undefined\n  hint: run again with --debug for the stack; this is a defect of Concord",
    );
    expect(failureText(new TypeError("x is undefined"), true)).toMatch(
      /^TypeError: x is undefined\n\s+at /,
    );
    // What is thrown need not be an error.
    expect(failureText("oh", true)).toContain("unexpected error: oh");
  });
});
