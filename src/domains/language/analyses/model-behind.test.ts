import { expect, test } from "vitest";
import type { Source } from "../../../sources/source.ts";
import { modelBehind, shortName } from "./model-behind.ts";

const store = {
  folder: "acts",
  trainRows: 90,
  threads: 2,
  catalogue: { cacheDir: "cache", offline: true },
};

/** As much of a source as is looked at. */
const source = (of: object) =>
  ({ dIn: 4, provenance: { kind: "language_model" }, store, ...of }) as unknown as Source;

test("a source that says its model is believed, whatever its rows' history says", () => {
  const known = { model: "here", hook: "a" };
  const provenance = { kind: "language_model", model: "there", hook: "b" };
  expect(modelBehind(source({ modelBehind: known, provenance }))).toEqual({ ...store, ...known });
});

test("a store says what it was collected from", () => {
  const provenance = { kind: "language_model", model: "m", hook: "h", text: "t" };
  expect(modelBehind(source({ provenance }))).toEqual({ ...store, model: "m", hook: "h" });
});

test.each<[string, object]>([
  ["rows of another kind", { provenance: { kind: "arrays", model: "m", hook: "h" } }],
  ["a store that does not say its hook", { provenance: { kind: "language_model", model: "m" } }],
  ["names that are numbers", { provenance: { kind: "language_model", model: 1, hook: "h" } }],
  [
    "rows without a store",
    { provenance: { kind: "language_model", model: "m", hook: "h" }, store: undefined },
  ],
  [
    "what SAEs leave of activations",
    {
      provenance: { kind: "language_model", model: "m", hook: "h", residualOf: [] },
      modelBehind: { model: "m", hook: "h" },
    },
  ],
])("no model is behind %s", (_, of) => {
  expect(modelBehind(source(of))).toBeUndefined();
});

test("a path is shown without what it lies in, a name as it is", () => {
  expect(shortName("/models/gpt2")).toBe("gpt2");
  expect(shortName("org/repo")).toBe("org/repo");
});
