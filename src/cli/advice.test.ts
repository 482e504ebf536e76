import { expect, test } from "vitest";
import { advice } from "./advice.ts";
import type { HostFacts } from "./host.ts";

function host(tools: HostFacts["tools"]): HostFacts {
  return {
    system: "linux",
    cpu: "x",
    processors: 2,
    allProcessors: 2,
    memoryBytes: 1,
    freeMemoryBytes: 1,
    versions: {
      concord: "1",
      node: "20",
      "onnxruntime-node": "1.30.0",
      sharp: "0.35.5",
      "@huggingface/tokenizers": "0",
    },
    tools,
  };
}

const ALL = { cmake: "cmake 3.28", "c++": "c++ 13", ninja: null };
const fine = { fallbackReason: undefined, isOfOtherSources: false };

test("where nothing is missing there is nothing to do", () => {
  expect(advice(host(ALL), fine)).toEqual([]);
});

test("without a native core the command that builds it is named", () => {
  const [line] = advice(host(ALL), { ...fine, fallbackReason: "not built" });
  expect(line).toMatch(/^for full speed, run: npm --prefix \S+ run build:native$/);
  expect(advice(host(ALL), { ...fine, isOfOtherSources: true })[0]).toBe(line);
});

test("what a build needs and is not there comes first", () => {
  const of = (tools: HostFacts["tools"]) =>
    advice(host(tools), { ...fine, fallbackReason: "not built" })[0];
  expect(of({ ...ALL, cmake: null })).toContain("install CMake 3.18 or newer (Debian: apt");
  expect(of({ ...ALL, cmake: null, "c++": null })).toContain(
    "install CMake 3.18 or newer and a C++20 compiler",
  );
});
