import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { ConcordError } from "../errors.ts";
import { ioError, meaningOf, systemCode } from "./io-error.ts";

const failure = (code: string, more = {}) => Object.assign(new Error("raw words"), { code }, more);

test.each([
  ["ENOSPC", "Cannot write /x/a: the disk is full (ENOSPC).", "file/io"],
  ["EACCES", "Cannot write /x/a: permission is denied (EACCES).", "file/io"],
  ["EROFS", "Cannot write /x/a: the file system is read-only (EROFS).", "file/io"],
  ["EMFILE", "Cannot write /x/a: too many files are open (EMFILE).", "file/io"],
  // Another path mends these.
  ["EISDIR", "Cannot write /x/a: it is a folder (EISDIR).", "argument/invalid"],
  [
    "ENOTDIR",
    "Cannot write /x/a: a part of the path is not a folder (ENOTDIR).",
    "argument/invalid",
  ],
  ["ENAMETOOLONG", "Cannot write /x/a: the name is too long (ENAMETOOLONG).", "argument/invalid"],
])("%s is said in words, with what to do", (code, message, kind) => {
  const error = ioError(failure(code), "write", "/x/a");
  expect([error.message, error.code]).toEqual([message, kind]);
  expect(error.hint).toMatch(/\.$/);
  expect(error.cause).toBeInstanceOf(Error);
});

describe("a file that is not there", () => {
  test("is missing, and the hint says where relative paths start", () => {
    const error = ioError(failure("ENOENT"), "read", "a.npy");
    expect(error.code).toBe("file/missing");
    expect(error.message).toBe("Cannot read a.npy: there is no such file.");
    expect(error.hint).toContain("relative path");
  });

  test("is missing for a folder that could not be made where it could be made", () => {
    const path = `${temporaryFolder()}/a/b`;
    const error = ioError(failure("ENOENT", { syscall: "mkdir" }), "make", path);
    expect(error.code).toBe("file/missing");
  });
});

test("an error of Concord passes through as it is", () => {
  const own = new ConcordError("format/invalid", "x: damaged.");
  expect(ioError(own, "read", "x")).toBe(own);
});

test("a failure without a meaning keeps its own words", () => {
  expect(ioError(failure("EWEIRD"), "read", "x").message).toBe("Cannot read x: raw words.");
  expect(ioError("text", "read", "x").message).toBe("Cannot read x: text.");
  expect(ioError(failure("EWEIRD"), "read", "x").hint).toBeUndefined();
});

test("only codes of the operating system are codes", () => {
  expect(
    ["ENOSPC", "E2BIG", "ERR_INVALID_ARG_TYPE", "e", 7].map((code) => systemCode({ code })),
  ).toEqual(["ENOSPC", "E2BIG", undefined, undefined, undefined]);
  expect([null, undefined, "ENOSPC"].map(systemCode)).toEqual([undefined, undefined, undefined]);
  expect(meaningOf({ code: "ENOSPC" })![0]).toBe("the disk is full");
  expect(meaningOf({ code: "EWEIRD" })).toBeUndefined();
});
