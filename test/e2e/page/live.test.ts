/** A run on the page while it trains: its curves grow, its trainer dies, its folder goes. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { takeWriterLock } from "../../../src/formats/writer-lock.ts";
import { RunFolder, type RunRecord } from "../../../src/runs/run-folder.ts";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { usePageServer } from "../../support/page-server.ts";

const RECORD: RunRecord = {
  name: "live",
  status: "running",
  createdAt: "2026-01-01T00:00:00.000Z",
  versions: {},
  backend: { name: "native", isa: "portable", threads: 1 },
  attempts: [{ startedAt: "", host: hostname(), pid: process.pid, fromStep: 0 }],
  totalSteps: 400,
  provenance: { kind: "synthetic" },
};

const line = (step: number) =>
  `${JSON.stringify({ step, activations: 32 * step, members: { "member-0": { fvu: 1 / step, loss: 2 / step, l0: 3, dead: 1 } }, coupling_loss: 0.1, ...(step % 5 === 0 ? { pw_mcc: step / 100, pw_mcc_null: 0.05 } : {}) })}\n`;

describe.skipIf(hasNoBrowser("a run that trains"))("a run that trains", () => {
  const served = usePageServer();
  const open = useBrowser();

  /** A run that this process trains, as far as its folder tells, on the page. */
  async function training(name: string) {
    const folder = new RunFolder(join(served().runs, name));
    mkdirSync(folder.path);
    await folder.writeRecord({ ...RECORD, name });
    writeFileSync(folder.file("config.yaml"), "training: { batch: 32 }\n");
    writeFileSync(folder.file("metrics.jsonl"), line(1) + line(2) + line(3));
    writeFileSync(folder.file("timings.jsonl"), '{"step":3,"total":10}\n');
    writeFileSync(folder.file("events.jsonl"), "");
    const lock = await takeWriterLock(folder.path);
    let isHeld = true;
    const release = async () => {
      if (isHeld) await lock.release();
      isHeld = false;
    };
    onTestFinished(release);
    const watched = await open();
    await watched.page.goto(`${served().url}/#/run/${name}`);
    await watched.page.getByRole("progressbar").waitFor();
    return { ...watched, folder, release };
  }

  test("shows how far it is, and grows with its log until it ends", async () => {
    const { page, errors, folder, release } = await training("growing");
    expect(await page.locator(".tiles").textContent()).toMatch(/steps3 of 400/);
    expect(await page.locator(".tiles").textContent()).toMatch(/per second3200/);
    const end = () =>
      page
        .locator(".curves svg", { hasText: "FVU over steps" })
        .locator("[data-mark='x-axis tick label'] text")
        .last()
        .textContent();
    expect(Number(await end())).toBeLessThanOrEqual(3);
    for (let step = 4; step <= 40; step++) appendFileSync(folder.file("metrics.jsonl"), line(step));
    await expect.poll(async () => Number(await end()), { timeout: 10_000 }).toBeGreaterThan(20);
    await expect.poll(() => page.locator(".tiles").textContent()).toMatch(/steps40 of 400/);
    // Nothing was measured when the page was opened; it came live, next to its null.
    const agreement = page.locator(".curves .figure", { hasText: "PW-MCC over steps" });
    expect(await agreement.locator("svg").textContent()).toContain("null");
    await folder.writeRecord({ ...RECORD, status: "finished" });
    await release();
    await expect
      .poll(() => page.locator(".byline .status").textContent(), { timeout: 10_000 })
      .toBe("finished");
    expect(await page.getByRole("progressbar").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("says that its trainer has died and how to go on; what it logged stays", async () => {
    const { page, errors, release } = await training("dying");
    await release();
    const alert = page.getByRole("alert");
    await expect.poll(() => alert.textContent(), { timeout: 10_000 }).toContain("--resume");
    expect(await page.locator(".byline .status").textContent()).toContain("killed");
    expect(await page.locator(".curves svg").count()).toBeGreaterThan(1);
    expect(errors).toEqual([]);
  });

  test("says that its folder has gone; what it logged stays", async () => {
    const { page, folder, release } = await training("going");
    await release();
    renameSync(folder.path, join(served().runs, "..", "gone"));
    const alert = page.getByRole("alert");
    await expect.poll(() => alert.first().textContent(), { timeout: 10_000 }).toContain("going");
    expect(await page.locator(".curves svg").count()).toBeGreaterThan(1);
  });
});
