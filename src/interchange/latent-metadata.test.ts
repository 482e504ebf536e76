import { expect, test } from "vitest";
import { LATENT_TABLE_FILE, withLatentKey } from "./latent-metadata.ts";

const PAIR = `"concord_latents": "${LATENT_TABLE_FILE}"`;

test("the key joins metadata, and nothing else of the text changes", () => {
  const text = '{\n  "lr": 1e-05,\n  "metadata": {\n    "hook_name": "a"\n  }\n}\n';
  expect(withLatentKey(text)).toBe(
    `{\n  "lr": 1e-05,\n  "metadata": {\n    ${PAIR},\n    "hook_name": "a"\n  }\n}\n`,
  );
  expect(withLatentKey('{"metadata": {}}')).toBe(`{"metadata": {${PAIR}}}`);
  // The words in a string, and in an object further down, come first.
  const nested = '{"note":"\\"metadata\\": {","x":{"metadata":{"y":1}},"metadata":{"z":2}}';
  expect(withLatentKey(nested)).toBe(
    `{"note":"\\"metadata\\": {","x":{"metadata":{"y":1}},"metadata":{${PAIR},"z":2}}`,
  );
});

test.each([
  ["no metadata", '{"d_in": 3}'],
  ["metadata of another kind", '{"metadata": 3}'],
  ["the key already", `{"metadata": {${PAIR}}}`],
  ["no JSON", '{"metadata": {'],
])("a file with %s stays as it is", (_, text) => {
  expect(withLatentKey(text)).toBeUndefined();
});
