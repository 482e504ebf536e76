import { expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../../../test/support/markup.ts";
import { windowPicture } from "./window-picture.ts";

const sine = (samples: number, height = 1) =>
  Float32Array.from({ length: samples }, (_, i) => height * Math.sin(i / 3));

function parsed(svg: string) {
  const elements = allElements(parseMarkup(svg));
  const path = elements.find(({ name }) => name === "path")!.attributes["d"] ?? "";
  const texts = elements.filter(({ name }) => name === "text").map(textOf);
  const title = elements.filter(({ name }) => name === "title").map(textOf)[0];
  return { elements, path, texts, title };
}

test("a window has a line per channel, their names, and its length", () => {
  const channels = ["O1", "O2"].map((name) => ({ name, values: sine(128) }));
  const { elements, path, texts, title } = parsed(windowPicture(channels, 1));
  expect(texts).toEqual(["O1", "O2", "1 s"]);
  expect(title).toBe("O1, O2 over 1 s");
  expect(path.split("M")).toHaveLength(3);
  const [svg] = elements;
  expect(svg!.attributes).toMatchObject({ role: "img", width: "240", height: "66" });
  // It has the colour of the text around it, and no style of its own.
  const colours = elements.flatMap(({ attributes: { fill, stroke } }) => [fill, stroke]);
  expect(new Set(colours)).toEqual(new Set(["currentColor", "none", undefined]));
});

test("all channels are on one scale, and stay in their rows", () => {
  const channels = [
    { name: "A", values: sine(64, 10) },
    { name: "B", values: sine(64, 1) },
  ];
  const { path } = parsed(windowPicture(channels, 1));
  const heights = path
    .split("M")
    .slice(1)
    .map((line) => {
      const [start, ...steps] = line.split("l");
      let y = Number(start!.split(" ")[1]);
      const ys = steps.map((step) => {
        y += Number(step.split(" ")[1]);
        return y;
      });
      return [Math.min(...ys), Math.max(...ys)] as const;
    });
  expect(heights[0]![0]).toBeCloseTo(1, 0);
  expect(heights[0]![1]).toBeCloseTo(25, 0);
  expect(heights[1]![1] - heights[1]![0]).toBeCloseTo(2.4, 0);
  expect(heights[1]![0]).toBeGreaterThan(26);
});

test("long windows stay small, gaps interrupt the line, names that are markup are text", () => {
  const values = sine(20_000).map((v, i) => (i === 5000 ? Number.NaN : v));
  const svg = windowPicture([{ name: "<b>&", values }], 40);
  expect(svg.length).toBeLessThan(3000);
  const { path, texts } = parsed(svg);
  expect(path.split("M")).toHaveLength(3);
  expect(texts).toEqual(["<b>&", "40 s"]);
  expect(parsed(windowPicture([{ name: "A", values: new Float32Array(8) }], 1)).path).toMatch(/^M/);
});
