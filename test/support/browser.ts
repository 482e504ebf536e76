/**
 * @file The page in a real browser: Debian's Chromium, driven by playwright-core. Whatever a page
 *   logs as an error is kept, for tests that end with none.
 */

import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { announceSkip } from "./announce-skip.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Prints why tests in a browser are skipped. @returns Whether there is none. */
export function hasNoBrowser(what: string): boolean {
  const reason = existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is not there`;
  return announceSkip(what, reason);
}

/** A page, and what went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console and of scripts. */
  readonly errors: readonly string[];
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
}

/**
 * A browser for the tests of a file.
 *
 * @returns Opens a page that lasts as long as its test.
 */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<WatchedPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (existsSync(CHROMIUM))
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    const context = await browser!.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    return { page, errors, requests };
  };
}
