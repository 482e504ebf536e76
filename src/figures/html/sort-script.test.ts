/** The script of sortable tables, run on as much of a document as it asks for. */
import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { page } from "./page.ts";
import { SORT_SCRIPT } from "./sort-script.ts";
import { type Column, exactly, table } from "./table.ts";

interface FakeCell {
  readonly text: string;
  /** Of its `data` element, when it has one. */
  readonly value?: string;
}

/** A table of cells; the script makes its heads buttons. */
function fakeTable(head: readonly string[], rows: readonly (readonly FakeCell[])[]) {
  const clicks: (() => void)[] = [];
  const heads = head.map((text) => {
    const attributes = new Map<string, string>();
    return {
      childNodes: [text],
      append() {},
      getAttribute: (name: string) => attributes.get(name) ?? null,
      setAttribute: (name: string, value: string) => void attributes.set(name, value),
      removeAttribute: (name: string) => void attributes.delete(name),
    };
  });
  const body = {
    rows: rows.map((cells) => ({
      name: cells[0]!.text,
      cells: cells.map(({ text, value }) => ({
        textContent: text,
        querySelector: () => (value === undefined ? null : { getAttribute: () => value }),
      })),
    })),
    append(...all: { name: string }[]) {
      this.rows = all as typeof this.rows;
    },
  };
  const document = {
    querySelectorAll: () => [{ tBodies: [body], tHead: { rows: [{ cells: heads }] } }],
    createElement: () => ({
      append() {},
      addEventListener: (_: string, click: () => void) => void clicks.push(click),
    }),
  };
  runInNewContext(SORT_SCRIPT, { document });
  return {
    click: (column: number) => clicks[column]!(),
    names: () => body.rows.map(({ name }) => name),
    sorted: () => heads.map((one) => one.getAttribute("aria-sort")),
  };
}

const ROWS: FakeCell[][] = [
  [{ text: "b" }, { text: "0.10 ± 0.02", value: "0.1" }, { text: "16" }],
  [{ text: "a" }, { text: "–" }, { text: "8" }],
  [{ text: "c" }, { text: "0.02 ± 0.01", value: "0.02" }, { text: "relu" }],
];

test("a first click puts the lowest first, a second one the highest, and what is missing last", () => {
  const it = fakeTable(["name", "FVU", "k"], ROWS);
  expect(it.names()).toEqual(["b", "a", "c"]);
  it.click(1);
  expect([it.names(), it.sorted()]).toEqual([
    ["c", "b", "a"],
    [null, "ascending", null],
  ]);
  it.click(1);
  expect([it.names(), it.sorted()]).toEqual([
    ["b", "c", "a"],
    [null, "descending", null],
  ]);
});

test("numbers in texts count as numbers, and come before words", () => {
  const it = fakeTable(["name", "FVU", "k"], ROWS);
  it.click(2);
  expect(it.names()).toEqual(["a", "b", "c"]);
  it.click(0);
  expect([it.names(), it.sorted()]).toEqual([
    ["a", "b", "c"],
    ["ascending", null, null],
  ]);
});

test("tables say whether they can be sorted, and carry the exact values that they are sorted by", () => {
  const columns: Column<number>[] = [{ head: "x", cell: (v) => exactly(v, v.toFixed(1)) }];
  expect(table("t", columns, [0.123], true).markup).toContain('data-sortable=""');
  expect(table("t", columns, [0.123], true).markup).toContain('<data value="0.123">0.1</data>');
  expect(table("t", columns, [0.123]).markup).not.toContain("data-sortable");
});

test("a page runs the script that it was made with, by its hash, and no other", () => {
  const text = page({ title: "t", body: "b", script: SORT_SCRIPT });
  const [, policy] = /content="(default-src[^"]*)"/.exec(text)!;
  const [, script] = /<script>([\s\S]*?)<\/script>/.exec(text)!;
  const hash = createHash("sha256").update(script!).digest("base64");
  expect(policy).toBe(
    `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`,
  );
  const plain = page({ title: "t", body: "b" });
  expect(plain).toContain(
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"",
  );
  expect(plain).not.toContain("<script");
});

test("the script cannot end its own element", () => {
  expect(SORT_SCRIPT).not.toContain("</");
});
