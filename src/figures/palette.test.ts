import { describe, expect, test } from "vitest";
import {
  CATEGORIES,
  COLOURS,
  DIVERGING_STEPS,
  divergingColour,
  FIGURE_CSS,
  HEAT_STEPS,
  heatColour,
  RAMP_STEPS,
  rampColour,
  seriesColour,
  seriesDash,
  standaloneSvg,
} from "./palette.ts";

/** The colours of light and of dark surroundings, by name. */
const [LIGHT, DARK] = [...FIGURE_CSS.matchAll(/:root\{([^}]*)\}/g)].map(
  ([, body]) => new Map([...body!.matchAll(/--fig-([\w]+):(#\w{6})/g)].map((m) => [m[1]!, m[2]!])),
) as [Map<string, string>, Map<string, string>];

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const steps = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("in %s surroundings", (_, colours) => {
  const of = (name: string) => colours.get(name)!;

  test("text can be read on the surface, and numbers on every cell of a heat map", () => {
    for (const name of ["ink", "quiet", "null"])
      expect(contrast(of(name), of("surface")), name).toBeGreaterThanOrEqual(4.5);
    for (let i = 0; i < HEAT_STEPS; i++)
      expect(contrast(of(`hi${i}`), of(`h${i}`)), `cell ${i}`).toBeGreaterThanOrEqual(4.5);
  });

  test("lines of every series can be seen", () => {
    for (const name of steps("c", CATEGORIES))
      expect(contrast(of(name), of("surface")), name).toBeGreaterThanOrEqual(2.7);
  });

  test("ramps run one way, from quiet to loud", () => {
    const isLight = luminance(of("surface")) > 0.5;
    for (const names of [steps("r", RAMP_STEPS), steps("h", HEAT_STEPS)]) {
      const values = names.map((name) => luminance(of(name)) * (isLight ? -1 : 1));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  test("a diverging fill is quietest in its middle", () => {
    const names = steps("d", DIVERGING_STEPS);
    const distance = names.map((name) => contrast(of(name), of("surface")));
    const middle = (DIVERGING_STEPS - 1) / 2;
    for (let i = 1; i <= middle; i++) expect(distance[i]).toBeLessThan(distance[i - 1]!);
    for (let i = middle + 1; i < DIVERGING_STEPS; i++)
      expect(distance[i]).toBeGreaterThan(distance[i - 1]!);
  });
});

test("both surroundings have the same colours, and every colour that figures use", () => {
  expect([...DARK.keys()]).toEqual([...LIGHT.keys()]);
  const used = [
    ...Object.values(COLOURS),
    ...Array.from({ length: CATEGORIES }, (_, i) => seriesColour(i)),
    ...Array.from({ length: RAMP_STEPS }, (_, i) => rampColour(i)),
    ...Array.from({ length: DIVERGING_STEPS }, (_, i) => divergingColour(i)),
    ...Array.from({ length: HEAT_STEPS }, (_, i) => heatColour(i)).flatMap(({ fill, ink }) => [
      fill,
      ink,
    ]),
  ];
  for (const colour of used)
    for (const [, name] of colour.matchAll(/var\(--fig-(\w+)\)/g))
      expect(LIGHT.has(name!), name).toBe(true);
});

test("series are told by colour, then by dash, then repeat", () => {
  const look = (i: number) => `${seriesColour(i)} ${seriesDash(i)}`;
  const looks = Array.from({ length: 3 * CATEGORIES }, (_, i) => look(i));
  expect(new Set(looks).size).toBe(3 * CATEGORIES);
  expect(look(3 * CATEGORIES)).toBe(look(0));
  expect(seriesColour(1)).toBe("var(--fig-c1)");
});

test("a figure as a file has its style sheet inside, before anything that it draws", () => {
  expect(standaloneSvg('<svg class="fig"><g/></svg>')).toBe(
    `<svg class="fig"><style>${FIGURE_CSS}</style><g/></svg>`,
  );
});
