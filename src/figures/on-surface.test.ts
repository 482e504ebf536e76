import { expect, test } from "vitest";
import { allElements, parseMarkup } from "../../test/support/markup.ts";
import { onSurface } from "./on-surface.ts";

const svg = '<svg viewBox="0 0 400 100" class="fig"><rect x="1" y="1" width="2" height="2"/></svg>';

test("a figure that stands alone carries its styles and a surface with a margin of 14", () => {
  const [whole, style, surface] = allElements(parseMarkup(onSurface(svg).trim()));
  expect(whole!.attributes["viewBox"]).toBe("-14 -14 428 128");
  expect(style!.name).toBe("style");
  expect(surface!.attributes).toMatchObject({ x: "-14", y: "-14", width: "428", height: "128" });
  expect(surface!.attributes["style"]).toBe("fill:var(--fig-surface)");
});

test("its width in pixels is the scale times its width in units", () => {
  const width = (scale?: number) =>
    Number(allElements(parseMarkup(onSurface(svg, scale).trim()))[0]!.attributes["width"]);
  expect(width(2)).toBe(856);
  expect(width()).toBeCloseTo(1.4 * 428, 6);
});

test("the file ends with a line break, and is the same every time", () => {
  expect(onSurface(svg).endsWith("</svg>\n")).toBe(true);
  expect(onSurface(svg)).toBe(onSurface(svg));
});
