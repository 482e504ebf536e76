import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  backendFor,
  cacheDir,
  catalogueOptions,
  isOffline,
  isProcessAlive,
  processFacts,
} from "./environment.ts";
import { VARIABLE_MEANINGS, variable } from "./variables.ts";

beforeEach(() => {
  for (const [name] of VARIABLE_MEANINGS) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

const set = (variables: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
};

test("a variable that is empty is not set", () => {
  expect(variable("CONCORD_CACHE")).toBeUndefined();
  set({ CONCORD_CACHE: "x" });
  expect(variable("CONCORD_CACHE")).toBe("x");
});

test("every variable has a meaning, and its name once", () => {
  const names = VARIABLE_MEANINGS.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [, meaning] of VARIABLE_MEANINGS) expect(meaning).toMatch(/\S{3}/);
});

describe("the cache", () => {
  test("is Concord's own variable, then that of all programs, then a folder of the person", () => {
    expect(cacheDir()).toBe(join(homedir(), ".cache", "concord"));
    set({ XDG_CACHE_HOME: "/x" });
    expect(cacheDir()).toBe("/x/concord");
    set({ CONCORD_CACHE: "/own" });
    expect(cacheDir()).toBe("/own");
  });
});

describe("downloads", () => {
  test("use the network unless one of two variables or an option forbids it", () => {
    expect(catalogueOptions().offline).toBe(false);
    expect(catalogueOptions(true).offline).toBe(true);
    for (const name of ["CONCORD_OFFLINE", "HF_HUB_OFFLINE"]) {
      set({ [name]: "1" });
      expect(catalogueOptions().offline).toBe(true);
      set({ [name]: "0" });
      expect(catalogueOptions().offline).toBe(false);
    }
    set({ HF_HUB_OFFLINE: "1" });
    expect(isOffline()).toBe(false);
    set({ CONCORD_OFFLINE: "1" });
    expect(isOffline()).toBe(true);
  });

  test("take token, mirror and cache from the variables of Hugging Face's libraries", () => {
    const plain = catalogueOptions();
    expect(plain.hubCacheDir).toBe(join(homedir(), ".cache", "huggingface", "hub"));
    expect(plain).not.toHaveProperty("accessToken");
    expect(plain).not.toHaveProperty("hubUrl");
    set({ HF_HOME: "/hf", HF_TOKEN: "hf_x", HF_ENDPOINT: "https://mirror.example" });
    expect(catalogueOptions()).toMatchObject({
      hubCacheDir: "/hf/hub",
      accessToken: "hf_x",
      hubUrl: "https://mirror.example",
    });
    set({ HF_HUB_CACHE: "/elsewhere" });
    expect(catalogueOptions().hubCacheDir).toBe("/elsewhere");
  });
});

describe("the backend", () => {
  test("is that of the variable, else that of the config", () => {
    expect(backendFor({ kind: "reference" }).backend.name).toBe("reference");
    set({ CONCORD_BACKEND: "reference" });
    expect(backendFor({ kind: "native" }).backend.name).toBe("reference");
  });

  test("is refused by a variable that names none, with the variable", () => {
    set({ CONCORD_BACKEND: "cuda" });
    expect(() => backendFor()).toThrow(
      'Expected auto, native or reference for CONCORD_BACKEND but received "cuda".',
    );
  });

  test.each(["0", "-1", "1.5", "many"])("is not opened with %s threads", (threads) => {
    set({ CONCORD_BACKEND: "reference", CONCORD_THREADS: threads });
    expect(() => backendFor()).toThrow(
      `Expected a positive integer for CONCORD_THREADS but received "${threads}".`,
    );
  });
});

test("a process of this machine lives or not; of another machine nothing is known", () => {
  expect(isProcessAlive(hostname(), process.pid)).toBe(true);
  expect(isProcessAlive(hostname(), 2 ** 30)).toBe(false);
  expect(isProcessAlive(`not-${hostname()}`, process.pid)).toBeUndefined();
});

test("a run is told which process it is of, and what that may take", () => {
  const facts = processFacts();
  expect([facts.pid, facts.host]).toEqual([process.pid, hostname()]);
  expect(facts.versions["node"]).toBe(process.versions.node);
  expect(facts.versions["concord"]).toMatch(/^\d+\.\d+\.\d+/);
  expect(facts.peakMemory()).toBeGreaterThan(2 ** 20);
  const { machine, heap } = facts.memoryLimits();
  expect(machine).toBeGreaterThan(2 ** 28);
  expect(heap).toBeGreaterThan(2 ** 20);
  const before = facts.clock();
  expect(facts.clock()).toBeGreaterThanOrEqual(before);
});
