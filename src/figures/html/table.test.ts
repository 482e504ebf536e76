import { describe, expect, test } from "vitest";
import { allElements, type Element, parseMarkup, textOf } from "../../../test/support/markup.ts";
import { html, type Markup } from "./html.ts";
import { definitions, exactly, facts, numberCell, seriesName, table } from "./table.ts";

const named = (of: Markup, name: string): Element[] =>
  allElements(parseMarkup(of.markup)).filter((e) => e.name === name);
const markup = (content: unknown) => (content as Markup).markup;

describe("a table", () => {
  const rows = [
    { name: "a<b", loss: 0.5 },
    { name: "c", loss: 0.25 },
  ];
  const made = table(
    "Losses & more",
    [
      { head: "Name", cell: (row) => row.name },
      { head: "Loss", sub: "nats", kind: "number", cell: (row) => numberCell(row.loss, 1) },
      { head: "Null", kind: "null", cell: () => "–" },
    ],
    rows,
  );

  test("names its rows by the first column, for those who hear it", () => {
    const heads = named(made, "th");
    expect(heads.map((e) => e.attributes["scope"])).toEqual(["col", "col", "col", "row", "row"]);
    expect(heads.slice(3).map(textOf)).toEqual(["a<b", "c"]);
    expect(named(made, "table")[0]!.attributes["aria-label"]).toBe("Losses & more");
  });

  test("puts numbers to the right, and nulls in their colour", () => {
    expect(named(made, "td").map((e) => e.attributes["class"])).toEqual([
      "n",
      "n null",
      "n",
      "n null",
    ]);
    expect(textOf(named(made, "th")[1]!)).toBe("Lossnats");
  });

  test("is sortable only where its page can sort it", () => {
    expect(named(made, "table")[0]!.attributes["data-sortable"]).toBeUndefined();
    const sortable = table("x", [{ head: "n", cell: (n: number) => n }], [1], true);
    expect(named(sortable, "table")[0]!.attributes["data-sortable"]).toBe("");
  });

  test("of no rows has its heads", () => {
    const empty = table("Nothing", [{ head: "n", cell: () => "" }], []);
    expect(named(empty, "tr")).toHaveLength(1);
  });
});

test("a rounded number carries all its digits", () => {
  expect(markup(numberCell(0.1 + 0.2, 2))).toBe('<data value="0.30000000000000004">0.30</data>');
  expect(markup(exactly(1e-9, "tiny"))).toBe('<data value="1e-9">tiny</data>');
});

test("what is not a number carries none, and is a dash", () => {
  expect(numberCell(undefined, 2)).toBe("–");
  expect(numberCell(null, 2)).toBe("–");
  expect(numberCell(Number.NaN, 2)).toBe("–");
  expect(numberCell(Number.POSITIVE_INFINITY, 2)).toBe("∞");
});

test("the dot of a series has its colour, from the first again after the seventh", () => {
  const colour = (series: number) => /var\((--fig-c\d+)\)/.exec(seriesName("x", series).markup)![1];
  expect([0, 6, 7, 15].map(colour)).toEqual(["--fig-c0", "--fig-c6", "--fig-c0", "--fig-c1"]);
});

test("facts and words are lists of terms with what they are, escaped", () => {
  const made = facts([
    ["Seed", "1"],
    ["Name", "<x>"],
  ]);
  expect(named(made, "dt").map(textOf)).toEqual(["Seed", "Name"]);
  expect(named(made, "dd").map(textOf)).toEqual(["1", "<x>"]);
  const words = definitions([["FVU", html`lower is <b>better</b>`]]);
  expect(named(words, "dd").map(textOf)).toEqual(["lower is better"]);
});
