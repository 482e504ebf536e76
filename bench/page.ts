/**
 * @file The page in Chromium: script of its first load, the time from a key to a card beside a list
 *   of 25 000 latents, and how often a rectangle over 10 000 dots is drawn. The evidence is made
 *   up; reading real evidence is the bench of features.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
import { buildWeb } from "../scripts/build-web.mjs";
import type { Backend } from "../src/backend/backend.ts";
import { startServer } from "../src/server/server.ts";
import { fakeEvidence } from "../test/support/evidence/fake-evidence.ts";
import { MEMBERS, pageRuns, SHOWN_RUN } from "../test/support/evidence/page-runs.ts";
import { type BenchLine, timing } from "./harness.ts";

const ROOT = resolve(import.meta.dirname, "..");
const LATENTS = 25_000;
/** Four members of this many are 10 000 dots and some. */
const DOTS_PER_MEMBER = 2_600;
const CARDS = 20;

const MOST_SCRIPT = 150 * 1024;
const MOST_CARD_MS = 50;
const LEAST_FRAMES = 30;

/** Bytes of compressed script that the first view loads, with the figures that it draws. */
function firstLoad(web: string): number {
  const assets = readdirSync(join(web, "assets")).filter((name) =>
    /^(page|figures)-.*js$/.test(name),
  );
  const sizes = assets.map((name) => gzipSync(readFileSync(join(web, "assets", name))).length);
  return sizes.reduce((a, b) => a + b, 0);
}

/** Milliseconds from a key to the card of another latent, drawn. */
async function cardTimes(page: Page, url: string): Promise<number[]> {
  await page.goto(`${url}/#/run/${SHOWN_RUN}/latents/member-0/0`);
  await page.locator(".card .example").first().waitFor();
  const times: number[] = [];
  for (let i = 0; i < CARDS; i++) {
    // Measured within the page, from the key to the frame in which the heading has changed.
    const ms = await page.evaluate(`new Promise((done) => {
      const place = () => document.querySelector(".step .quiet")?.textContent;
      const before = place();
      const start = performance.now();
      dispatchEvent(new KeyboardEvent("keydown", { key: "r" }));
      const look = () =>
        place() === before ? setTimeout(look, 0) : requestAnimationFrame(() => done(performance.now() - start));
      look();
    })`);
    times.push(Number(ms));
  }
  return times;
}

/** Milliseconds between frames while a rectangle is drawn over all dots. */
async function frameTimes(page: Page, url: string): Promise<number[]> {
  await page.goto(`${url}/#/run/${SHOWN_RUN}/agreement`);
  const layer = page.locator(".dots-layer").nth(1);
  await layer.waitFor();
  await layer.scrollIntoViewIfNeeded();
  const box = (await layer.boundingBox())!;
  const at = (share: number): [number, number] => [
    box.x + box.width * share,
    box.y + 40 + (box.height - 120) * share,
  ];
  await page.mouse.move(...at(0.05));
  await page.mouse.down();
  await page.mouse.move(...at(0.1));
  await page.evaluate(`(() => {
    globalThis.frames_ = [];
    let last = performance.now();
    const next = () => {
      const now = performance.now();
      globalThis.frames_.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })()`);
  for (let i = 0; i < 90; i++) await page.mouse.move(...at(0.1 + 0.85 * (i / 90)));
  const frames = (await page.evaluate("globalThis.frames_")) as number[];
  await page.mouse.up();
  return frames.slice(1);
}

/** Times the page in a browser. @throws {Error} when Chromium is not installed. */
export async function benchPage(backend: Backend): Promise<BenchLine[]> {
  const { threads, isa } = backend;
  const folder = mkdtempSync(join(tmpdir(), "concord-page-"));
  const [runs, web] = [join(folder, "runs"), join(folder, "web")];
  const common = { shape: {}, threads, isa };
  await buildWeb(ROOT, web);
  await pageRuns(runs, DOTS_PER_MEMBER);
  const evidence = fakeEvidence({ members: MEMBERS, latents: LATENTS, examples: 12 });
  const server = await startServer({
    folder: runs,
    port: 0,
    openEvidence: async () => evidence,
    pageFolder: web,
    steering: { catalogue: { cacheDir: folder, offline: true } },
    openBackend: () => backend,
    isAlive: () => true,
    version: "bench",
    now: () => new Date(),
    clock: () => performance.now(),
    onDefect(error) {
      throw error;
    },
  });
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const bytes = firstLoad(web);
    const cards = await cardTimes(page, server.url);
    const frames = await frameTimes(page, server.url);
    const perSecond = (1000 * frames.length) / frames.reduce((a, b) => a + b, 0);
    return [
      {
        ...common,
        name: "page: script of the first load",
        ms: timing([0]),
        bytes,
        target: `${Math.round(bytes / 1024)} KiB compressed, at most ${MOST_SCRIPT / 1024}`,
        reached: bytes <= MOST_SCRIPT,
      },
      {
        ...common,
        name: `page: from a key to a card, ${LATENTS} latents`,
        ms: timing(cards),
        target: `median at most ${MOST_CARD_MS} ms`,
        reached: timing(cards).median <= MOST_CARD_MS,
      },
      {
        ...common,
        name: `page: rectangle over ${4 * DOTS_PER_MEMBER} dots`,
        ms: timing(frames),
        frames_per_second: perSecond,
        target: `${Math.round(perSecond)} frames a second, at least ${LEAST_FRAMES}`,
        reached: perSecond >= LEAST_FRAMES,
      },
    ];
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
