import { describe, expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../../test/support/markup.ts";
import { renderFigure } from "../plot/render.ts";
import { html } from "./html.ts";
import { figure, figures, page, section } from "./page.ts";

describe("a page", () => {
  const made = page({ title: "a <b>", body: html`<p>${"x & y"}</p>` });
  const elements = allElements(parseMarkup(made));

  test("is one whole document with an escaped title", () => {
    expect(made.startsWith("<!doctype html>\n")).toBe(true);
    expect(elements.filter((e) => e.name === "title").map((e) => e.children)).toEqual([["a <b>"]]);
    expect(elements.filter((e) => e.name === "main").map((e) => textOf(e).trim())).toEqual([
      "x & y",
    ]);
  });

  test("loads nothing and runs nothing", () => {
    const policy = elements.find((e) => e.attributes["http-equiv"] === "Content-Security-Policy");
    expect(policy!.attributes["content"]).toBe(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    );
    expect(made).not.toContain("<script");
    expect(made).not.toMatch(/url\(|@import|https?:/);
  });
});

describe("a section", () => {
  test("is named by its heading", () => {
    const [made, heading] = allElements(parseMarkup(section("How it was made!", "text").markup));
    expect(made!.attributes["aria-labelledby"]).toBe("how-it-was-made-");
    expect(heading!.attributes["id"]).toBe("how-it-was-made-");
  });

  test("without content is nothing, not a heading alone", () => {
    expect(section("Empty").markup).toBe("");
    expect(section("Empty", undefined, false).markup).toBe("");
    expect(section("Full", undefined, "x").markup).toContain("<h2");
  });
});

test("figures without a figure are nothing", () => {
  expect(figures(undefined, false)).toBeUndefined();
  expect(figures()).toBeUndefined();
  expect(figures(undefined, html`<figure></figure>`)!.markup).toBe(
    '<div class="figures"><figure></figure></div>',
  );
});

test("a figure is drawn below its heading, with a caption only where there are words", () => {
  const empty = { title: "t", description: "d", options: () => ({ height: 10 }) };
  expect(figure(empty, "A & B").markup).toContain(`<h3>A &amp; B</h3>\n${renderFigure(empty)}\n`);
  for (const nothing of [undefined, false as const, ""])
    expect(figure(empty, "x", nothing).markup).not.toContain("figcaption");
  expect(figure(empty, "x", "seen ", "twice").markup).toContain(
    "<figcaption>seen twice</figcaption>",
  );
});
