/** The rows of a store that evidence is looked for in, and the words that are shown of them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { collectStore } from "../source/collect-store.ts";
import { openStoreTokens } from "../source/store-tokens.ts";
import { tokenRowDescriber, tokenRowTensors } from "./row-words.ts";
import { openTokenRows } from "./token-rows.ts";

/** A store of some letters through a tiny model, 12 positions per window. */
async function letters() {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 5, 90);
  const store = join(folder, "store");
  const { rows } = await collectStore(store, {
    model: join(folder, "model"),
    hook: TINY_HOOK,
    text: join(folder, "letters.txt"),
    skipSpecial: true,
    mode: "packed",
    dtype: "float32",
    threads: 1,
    catalogue: { cacheDir: folder, offline: true },
  });
  const tokens = await openStoreTokens(store);
  const all = await tokens.readRows(0, rows);
  await tokens.close();
  return { store, rows, all };
}

/** Every row of an opened source of rows. */
async function valuesOf({ rows }: Awaited<ReturnType<typeof openTokenRows>>) {
  const out = new Float32Array(rows.rows * rows.dIn);
  await rows.read(0, out);
  return out;
}

test("fewer rows than there are lie around the place where the held-out ones begin", async () => {
  const { store, rows, all } = await letters();
  const open = (trainRows: number, most: number) =>
    openTokenRows({ folder: store, trainRows }, reference, most);
  const whole = await open(300, 10_000);
  const values = await valuesOf(whole);
  expect(whole.rows).toMatchObject({ dIn: 24, rows, heldOutFrom: 300 });
  expect(whole).toMatchObject(all);
  await whole.rows.close();
  const heldOut = rows - 300;
  const cases: [trainRows: number, most: number, start: number, count: number, from: number][] = [
    [300, rows, 0, rows, 300],
    [300, rows - 1, 1, rows - 1, 299],
    [300, 100, 250, 100, 50],
    [300, 1, 300, 1, 0],
    [300, 2 * heldOut + 10, 300 - heldOut - 10, 2 * heldOut + 10, heldOut + 10],
    [rows, 40, rows - 40, 40, 40],
    [0, 40, 0, 40, 0],
    [5, 40, 0, 40, 5],
  ];
  for (const [trainRows, most, start, count, from] of cases) {
    const some = await open(trainRows, most);
    const what = `${most} rows around ${trainRows}`;
    expect(some.rows, what).toMatchObject({ rows: count, heldOutFrom: from });
    expect([...some.tokens], what).toEqual([...all.tokens.subarray(start, start + count)]);
    expect(await valuesOf(some)).toEqual(values.subarray(start * 24, (start + count) * 24));
    await some.rows.close();
  }
});

test("rows of one document in one window are a group, and words come back with them", async () => {
  const { store, rows, all } = await letters();
  const opened = await openTokenRows({ folder: store, trainRows: 300 }, reference, rows);
  const { groups } = opened.rows;
  for (let i = 1; i < rows; i++) {
    const isSame =
      all.windows[i] === all.windows[i - 1] && all.documents[i] === all.documents[i - 1];
    expect(groups[i]! - groups[i - 1]!).toBe(isSame ? 0 : 1);
  }
  expect(groups[0]).toBe(0);
  const ids = [...new Set(all.tokens)].sort((a, b) => a - b);
  const odd = ["\u0000", "<script>", "\ud83d\ude00", "", "\u001b[31m"];
  const texts = ids.map((id, i) => odd[i] ?? `t${id}`);
  const numbers = all.tokens.map((id) => ids.indexOf(id));
  const tensors = tokenRowTensors(opened, { ids, numbers, texts });
  const words = await tokenRowDescriber({
    facts: {},
    read: async (name) => tensors.get(name)!,
    elements: async () => new Float32Array(0),
  });
  for (let row = 0; row < rows; row += 7) {
    const around = Array.from({ length: 7 }, (_, i) => i / 8);
    const near = Array.from({ length: 7 }, (_, i) => row + i - 3).filter(
      (at) => at >= 0 && at < rows && groups[at] === groups[row],
    );
    expect(await words.describe(row, around, new Map())).toEqual({
      where: `document ${all.documents[row]}, position ${all.positions[row]} in its window`,
      group: all.documents[row],
      pieces: near.map((at) => ({ text: texts[numbers[at]!], value: around[at - row + 3] })),
      peak: near.indexOf(row),
    });
  }
  await words.close();
  await opened.rows.close();
});
