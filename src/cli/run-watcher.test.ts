import { expect, test } from "vitest";
import type { RunEvent } from "../experiments/run-context.ts";
import { progressText, runWatcher } from "./run-watcher.ts";

const MEMBER = { loss: 0.5, l0: 31 };

test("the line has step, loss, FVU, L0, dead latents, rate and what is left, as means over the members", () => {
  const text = progressText({
    taken: 300,
    totalSteps: 1000,
    millisecondsPerStep: 100,
    batch: 4096,
    unit: "tokens",
    hasEta: true,
    members: [MEMBER, { loss: 0.25, l0: 33 }],
    logged: [
      { fvu: 0.2, dead: 10 },
      { fvu: 0.1, dead: 5 },
    ],
  });
  expect(text).toBe(
    "step 300/1000  loss 0.375  FVU 0.15  L0 32  dead 7.5  41.0k tokens/s  ETA 1m 10s",
  );
});

/** What is written while `events` happen, a second apart. */
function shown(events: readonly object[], isTTY: boolean): string {
  let [text, seconds] = ["", 0];
  const write = (piece: string) => {
    text += piece;
  };
  const stream = { isTTY, columns: 58, write } as unknown as NodeJS.WriteStream;
  const watch = runWatcher("tokens", stream, () => seconds * 1000);
  for (const event of events) {
    seconds++;
    watch(event as RunEvent);
  }
  return text;
}

function step(n: number) {
  const timing = { source: 0, coupling: 0, members: 0, total: 500 };
  return {
    kind: "step",
    totalSteps: 20,
    batch: 100,
    step: { step: n, members: [MEMBER], timing },
  };
}
const LOGGED = { kind: "logged", line: { members: { "member-0": { fvu: 0.125, dead: 3 } } } };
const EVENTS = [
  { kind: "opened", folder: "runs/x", totalSteps: 20, fromStep: 0, changed: [] },
  LOGGED,
  step(0),
  step(1),
  { kind: "warning", message: "careful" },
  step(2),
  { kind: "evaluating" },
];

test("piped, it is plain lines, one every ten seconds", () => {
  expect(shown(EVENTS, false)).toBe(
    [
      "runs/x: 20 steps",
      "step 1/20  loss 0.5  FVU 0.125  L0 31  dead 3",
      "warning: careful",
      "step 3/20  loss 0.5  FVU 0.125  L0 31  dead 3  66.67 tokens/s",
      "evaluating on held-out activations",
      "",
    ].join("\n"),
  );
  const many = [...EVENTS.slice(0, 3), ...Array.from({ length: 19 }, (_, i) => step(i + 1))];
  expect(shown(many, false).match(/^step /gm)).toHaveLength(2);
});

test("what is left is said once ten steps were timed, and the first, which warms up, is none of them", () => {
  const steps = Array.from({ length: 12 }, (_, i) => step(i));
  const lines = shown([EVENTS[0]!, ...steps], true)
    .split("\r\u001b[K")
    .slice(1);
  const watched = shown([EVENTS[0]!, ...steps, { kind: "warning", message: "careful" }], true);
  expect(watched).not.toMatch(/step ([1-9]|10)\/20 .*ETA/);
  expect(lines).toHaveLength(12);
});

test("on a terminal, one line is redrawn, never wider than it, and gone before anything else is said", () => {
  const text = shown(EVENTS, true);
  const lines = text.split("\r\u001b[K");
  expect(lines[2]).toBe("step 2/20  loss 0.5  FVU 0.125  L0 31  dead 3  100 tokens");
  expect(text).toContain("\r\u001b[Kwarning: careful\n");
  expect(text.endsWith("\r\u001b[Kevaluating on held-out activations\n")).toBe(true);
});

test("a run that goes on, or has finished, says so", () => {
  const opened = { kind: "opened", folder: "runs/x", totalSteps: 20, fromStep: 7, changed: [] };
  const finished = { kind: "finished", folder: "runs/x" };
  expect(shown([opened, finished], false)).toBe(
    "runs/x: 20 steps, going on from step 7\nruns/x: finished already\n",
  );
});
