/** Shapes: what is drawn, what is asked, and how answers move when pictures turn. */
import { expect, test } from "vitest";
import { elementsOf, movePicture } from "../groups/pixel-action.ts";
import { outlineOf, UNCHANGED_BY_QUARTER_TURN } from "./outline.ts";
import { COLOUR_NAMES, COLOURS, SHAPES, sceneOf, sceneStream } from "./scene.ts";
import { drawScene, shapes } from "./shapes.ts";
import { answersOf, movedTasks, PRESENCE_TASKS } from "./tasks.ts";

const SIZE = 48;
const BYTES = SIZE * SIZE * 3;
const stream = sceneStream(7);
const scenes = Array.from({ length: 200 }, (_, i) => sceneOf(stream, i));
const quarterTurn = elementsOf({ group: "c4" }, SIZE, SIZE)[1]!;

/** The colour that most pixels of a cell have, or none where all are nearly black. */
function colourIn(picture: Uint8Array, cell: number): string | undefined {
  const [row, column] = [Math.floor(cell / 3), cell % 3];
  const votes = new Map<string, number>();
  for (let y = row * 16; y < row * 16 + 16; y++)
    for (let x = column * 16; x < column * 16 + 16; x++) {
      const pixel = picture.subarray((y * SIZE + x) * 3, (y * SIZE + x) * 3 + 3);
      const name = COLOUR_NAMES.find((one) => COLOURS[one].every((c, i) => c === pixel[i]));
      if (name) votes.set(name, (votes.get(name) ?? 0) + 1);
    }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

test("scenes have one to three shapes in cells of their own, in every kind and colour", () => {
  const counts = [0, 0, 0, 0];
  for (const scene of scenes) {
    counts[scene.length]!++;
    expect(new Set(scene.map(({ cell }) => cell)).size).toBe(scene.length);
    for (const { radius, offset } of scene)
      for (const shift of offset) expect(radius + Math.abs(shift)).toBeLessThan(0.5);
  }
  expect(counts[0]).toBe(0);
  for (const count of counts.slice(1)) expect(count).toBeGreaterThan(40);
  const drawn = scenes.flat();
  expect(new Set(drawn.map(({ shape }) => shape)).size).toBe(SHAPES.length);
  expect(new Set(drawn.map(({ colour }) => colour)).size).toBe(COLOUR_NAMES.length);
});

test("180 tasks: 20 invariant, 96 of position, 64 of pose, and their answers", () => {
  expect(new Set(PRESENCE_TASKS.map(({ name }) => name)).size).toBe(180);
  const count = (wanted: string) => PRESENCE_TASKS.filter(({ kind }) => kind === wanted).length;
  expect(["invariant", "position", "pose"].map(count)).toEqual([20, 96, 64]);
  const answers = answersOf(scenes);
  for (const [i, task] of PRESENCE_TASKS.entries())
    expect([...answers[i]!.labels], task.name).toEqual(
      scenes.map((scene) =>
        Number(
          scene.some(
            (s) => s.shape === task.shape && s.colour === task.colour && s.cell === task.cell,
          ),
        ),
      ),
    );
});

test("an answer of a turned picture is that of the task whose cell it came from", () => {
  const moved = movedTasks({ group: "c4" })!;
  expect(moved.map((tasks) => tasks.length)).toEqual([180, 180, 180, 180]);
  for (const [i, { name, kind, shape, colour, cell }] of PRESENCE_TASKS.entries()) {
    // In a quarter turn against the clock the right column becomes the top row.
    const [row, column] = [Math.floor(cell / 3), cell % 3];
    const from = PRESENCE_TASKS[moved[1]![i]!]!;
    expect(from, name).toMatchObject({ shape, colour, cell: column * 3 + 2 - row });
    const stays = moved.every((tasks) => tasks[i] === i);
    expect(stays, name).toBe(kind === "invariant");
  }
  expect(movedTasks({ group: "translations", steps: 2 })).toBeUndefined();
});

/** The cell that a quarter turn takes a cell to. */
const turnedCell = (cell: number) => (2 - (cell % 3)) * 3 + Math.floor(cell / 3);

test("the kind of a task says what a quarter turn does to the pixels that it asks about", async () => {
  const tasks = PRESENCE_TASKS.filter(({ colour }) => colour === "red");
  const draw = (task: (typeof tasks)[number], cell: number) =>
    drawScene([{ ...task, cell, radius: 0.4, offset: [0, 0] }], SIZE);
  const turned = new Uint8Array(BYTES);
  for (const task of tasks) {
    movePicture(await draw(task, task.cell), quarterTurn, 3, turned);
    const target = await draw(task, turnedCell(task.cell));
    // Smoothed edges differ in the last place.
    const looksTheSame = turned.every((value, at) => Math.abs(value - target[at]!) < 8);
    expect(looksTheSame, task.name).toBe(UNCHANGED_BY_QUARTER_TURN.has(task.shape));
    const staysInPlace = turnedCell(task.cell) === task.cell;
    const kind = staysInPlace ? "invariant" : looksTheSame ? "position" : "pose";
    expect(task.kind, task.name).toBe(kind);
  }
});

test("pictures show their scenes, also when turned, whichever part of the set is drawn", async () => {
  const options = { count: 200, size: SIZE, seed: 7 };
  const { pixels, tasks } = await shapes.make({ ...options, first: 0, n: 12 });
  const part = await shapes.make({ ...options, first: 5, n: 6 });
  expect(part.pixels).toEqual(pixels.subarray(5 * BYTES, 11 * BYTES));
  expect(part.tasks![5]!.labels).toEqual(tasks![5]!.labels.subarray(5, 11));
  expect(await shapes.labels!({ ...options, first: 0, n: 12 })).toEqual({ tasks });
  const turned = new Uint8Array(BYTES);
  for (let i = 0; i < 8; i++) {
    const picture = pixels.subarray(i * BYTES, (i + 1) * BYTES);
    movePicture(picture, quarterTurn, 3, turned);
    for (let cell = 0; cell < 9; cell++) {
      const { colour } = scenes[i]!.find((one) => one.cell === cell) ?? {};
      expect(colourIn(picture, cell)).toBe(colour);
      expect(colourIn(turned, turnedCell(cell))).toBe(colour);
    }
  }
  const other = await shapes.make({ ...options, seed: 8, first: 0, n: 1 });
  expect(other.pixels).not.toEqual(pixels.subarray(0, BYTES));
});

test("numbers in an outline are short", () => {
  const placed = { ...scenes[0]![0]!, radius: 1 / 3, offset: [1 / 7, 0] as const };
  expect(outlineOf(placed, SIZE)).not.toMatch(/\d\.\d{4}/);
});
