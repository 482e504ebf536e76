import { describe, expect, test } from "vitest";
import { htmlLinks } from "./html-links.ts";

describe("htmlLinks", () => {
  test("reads addresses in either quote or none, and the text behind each link", () => {
    const html = `<a href="a&amp;b">x</a> one <A class=k HREF='c'>y</A> two<br>three <a id=n href=d>z</a>`;
    expect(htmlLinks(html)).toEqual([
      { href: "a&b", after: " one " },
      { href: "c", after: " two three " },
      { href: "d", after: "" },
    ]);
  });

  test("parts the cells of a table and decodes what stands for other characters", () => {
    const html = `<td><a href="x">x</a></td><td>09:00</td><td>&nbsp;12&#75;&#x20;&unknown;</td>`;
    expect(htmlLinks(html)[0]!.after).toMatch(/^\s+09:00\s+12K\s+&unknown;\s*$/);
  });

  test("passes over comments, declarations, scripts and styles", () => {
    const html = `<!doctype html><!-- <a href="1"></a> --><script>"<a href='2'>"</script><style><a href="3"></style><a href="4">`;
    expect(htmlLinks(html).map(({ href }) => href)).toEqual(["4"]);
  });

  test("takes the text of a link itself for nothing, whatever is in it", () => {
    expect(htmlLinks(`<a href="f"><b>12:00 99</b></a> 12:00 5`)).toEqual([
      { href: "f", after: " 12:00 5" },
    ]);
  });

  test.each([
    ["<", 0],
    ["<a", 0],
    [`<a href="x`, 0],
    [`<a href="x" <a href=y>`, 1],
    ["1 < 2 <a href=x>", 1],
    ["<!--", 0],
    ["<script><a href=x>", 0],
  ])("ends on %s", (html, links) => {
    expect(htmlLinks(html)).toHaveLength(links);
  });

  test("takes time in proportion to a page made to be slow", () => {
    for (const piece of ["<", "<a ", "<a href", `<a href="`, "<!--", "a=b ", "<a x='", "&#", " "]) {
      const start = performance.now();
      htmlLinks(`<a href=x>${piece.repeat(200_000)}`);
      // Quadratic time would be minutes.
      expect(performance.now() - start, piece).toBeLessThan(10_000);
    }
  });
});
