import { describe, expect, test } from "vitest";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import { Pace } from "./pace.ts";
import { delayAfter, persistently, retryAfterMs, TransientError } from "./retry.ts";

const policy = (timing = fakeTiming(), attempts = 4) => ({
  attempts,
  delayMs: 1000,
  timing,
  signal: undefined,
  onEvent: undefined,
});

describe("waits between attempts", () => {
  test("double up to a minute, of which chance takes up to half", () => {
    const longest = { delayMs: 1000, timing: fakeTiming(1) };
    const shortest = { delayMs: 1000, timing: fakeTiming(0) };
    expect([1, 2, 3, 7, 20].map((n) => delayAfter(n, longest))).toEqual([
      1000, 2000, 4000, 60_000, 60_000,
    ]);
    expect([1, 2, 3].map((n) => delayAfter(n, shortest))).toEqual([500, 1000, 2000]);
  });

  test("are at least what the server asks for", async () => {
    const timing = fakeTiming();
    let tries = 0;
    const attempt = async () => {
      if (++tries < 3) throw new TransientError("HTTP 429", { retryAfterMs: 7000 });
      return "done";
    };
    expect(await persistently("try", attempt, policy(timing))).toBe("done");
    expect(timing.sleeps).toEqual([7000, 7000]);
  });

  test("end when the server asks for more than a quarter of an hour", async () => {
    const timing = fakeTiming();
    const attempt = async () => {
      throw new TransientError("HTTP 503", { retryAfterMs: 3_600_000 });
    };
    await expect(persistently("try", attempt, policy(timing))).rejects.toMatchObject({
      code: "network/failed",
      message: "Cannot try: HTTP 503.",
      hint: expect.stringContaining("wait 3600 s"),
    });
    expect(timing.sleeps).toEqual([]);
  });

  test("begin anew after progress, and end after so many failures without", async () => {
    const timing = fakeTiming();
    const progress = [false, true, false, false, false];
    let tries = 0;
    const attempt = async () => {
      tries++;
      throw new TransientError("broken");
    };
    const failing = persistently("try", attempt, policy(timing), () => progress[tries - 1]!);
    await expect(failing).rejects.toMatchObject({ code: "network/failed" });
    expect(tries).toBe(5);
    expect(timing.sleeps).toEqual([1000, 1000, 2000, 4000]);
  });

  test("do not happen for failures that stay", async () => {
    const timing = fakeTiming();
    const attempt = async () => {
      throw new Error("HTTP 404");
    };
    await expect(persistently("try", attempt, policy(timing))).rejects.toThrow("HTTP 404");
    expect(timing.sleeps).toEqual([]);
  });

  test("end at once when interrupted", async () => {
    const controller = new AbortController();
    const timing = fakeTiming();
    const attempt = async () => {
      setImmediate(() => controller.abort());
      throw new TransientError("broken");
    };
    const { signal } = controller;
    await expect(persistently("try", attempt, { ...policy(timing), signal })).rejects.toMatchObject(
      { code: "interrupted" },
    );
  });
});

test("Retry-After is seconds, or a date by the server's own clock", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const after = (value: string, date?: string) =>
    retryAfterMs(new Headers({ "retry-after": value, ...(date ? { date } : {}) }), now);
  expect(after("120")).toBe(120_000);
  expect(after("Thu, 01 Jan 2026 00:00:30 GMT")).toBe(30_000);
  expect(after("Thu, 01 Jan 2026 00:00:30 GMT", "Thu, 01 Jan 2026 00:00:20 GMT")).toBe(10_000);
  expect(after("Wed, 31 Dec 2025 00:00:00 GMT")).toBe(0);
  expect(after("soon")).toBeUndefined();
  expect(retryAfterMs(new Headers(), now)).toBeUndefined();
});

describe("Pace", () => {
  test("spends evenly, saves nothing up, and never waits before the first", async () => {
    const timing = fakeTiming();
    const pace = new Pace(4, timing, undefined);
    for (let i = 0; i < 4; i++) await pace.spend(1);
    expect(timing.sleeps).toEqual([250, 250, 250]);
    await timing.sleep(10_000);
    await pace.spend(1);
    await pace.spend(1);
    expect(timing.sleeps.slice(4)).toEqual([250]);
  });

  test("waits for as long as what was spent is worth", async () => {
    const timing = fakeTiming();
    const pace = new Pace(1000, timing, undefined);
    for (const bytes of [3000, 500, 1]) await pace.spend(bytes);
    expect(timing.sleeps).toEqual([3000, 500]);
  });
});
