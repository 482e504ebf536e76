/**
 * Every view, light and dark, wide and narrow: without a violation of accessibility, without an
 * error, no wider than the screen. build/page-screenshots has pictures of all, to be looked at.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { AxeResults } from "axe-core";
import { describe, expect, test } from "vitest";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { fakeEvidence } from "../../support/evidence/fake-evidence.ts";
import { MEMBERS, SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";

const PICTURES = resolve(import.meta.dirname, "../../../build/page-screenshots");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SWEPT = encodeURIComponent("sweep/population.k=2.population.architecture=topk");

const { density } = await fakeEvidence({ members: MEMBERS }).columns("member-0");
const DEAD = density.indexOf(0);

/** Views by the names of their pictures: the place, and what is there once it is drawn. */
const VIEWS = [
  ["runs", "#/runs", "tbody tr"],
  ["compare", `#/compare?runs=shown,${encodeURIComponent(SWEPT)}`, "figure svg"],
  ["run", `#/run/${SHOWN_RUN}`, ".curves svg"],
  ["agreement", `#/run/${SHOWN_RUN}/agreement?brush=truth:0.5,1,0.7,1`, ".figures svg"],
  ["latents", `#/run/${SHOWN_RUN}/latents`, ".landing .figure svg"],
  ["latent", `#/run/${SHOWN_RUN}/latents/member-0/61?sort=dense`, ".beside-partners .example"],
  ["dead", `#/run/${SHOWN_RUN}/latents/member-0/${DEAD}?sort=number&dead=1`, ".dead"],
  ["map", `#/run/${SHOWN_RUN}/map`, ".dots-figure svg"],
  ["map-by-member", `#/run/${SHOWN_RUN}/map?colour=member`, ".dots-figure svg"],
  ["game", `#/run/${SHOWN_RUN}/game`, ".contexts button"],
  ["no-features", `#/run/${SWEPT}/latents`, ".empty"],
  ["missing", "#/run/nothing", ".problem"],
  ["nowhere", "#/nowhere", ".empty"],
] as const;

const WIDTHS = [1280, 360] as const;
/** Each with the rules that are tried: in the dark only those that depend on colours. */
const COLOURS = [
  ["light", undefined],
  ["dark", ["color-contrast", "link-in-text-block"]],
] as const;

describe.skipIf(hasNoBrowser("accessibility of the page"))("the page", () => {
  const served = usePageServer();
  const open = useBrowser();
  mkdirSync(PICTURES, { recursive: true });

  describe.each(WIDTHS)("%i wide", (width) => {
    test.each(VIEWS)("%s can be used by everybody", async (name, place, ready) => {
      const { page, errors } = await open({ viewport: { width, height: 900 } });
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(`${served().url}/${place}`);
      await page.locator(ready).first().waitFor();
      await page.evaluate(AXE);
      // A view takes its colours from the screen at any moment, so one load shows both.
      for (const [colorScheme, runOnly] of COLOURS) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${width}.png`) });
        const options = JSON.stringify({ runOnly });
        const { violations } = (await page.evaluate(`axe.run(${options})`)) as AxeResults;
        const found = violations.map(({ id, nodes }) => {
          return `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`;
        });
        expect(found, colorScheme).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(
          width,
        );
      }
      // A run that is not there is answered with 404, which a browser logs by itself.
      const own = errors.filter((error) => !/status of 404/.test(error));
      expect(name === "missing" ? own : errors).toEqual([]);
    });
  });

  test("the help is a dialog that Escape closes", async () => {
    const { page, errors } = await open();
    await page.goto(`${served().url}/#/runs`);
    await page.locator("tbody tr").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("a keyboard reaches the content past the head, and headings take the focus", async () => {
    const { page } = await open();
    await page.goto(`${served().url}/#/runs`);
    await page.locator("tbody tr").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");
    await page.getByRole("link", { name: SHOWN_RUN, exact: true }).press("Enter");
    await page.getByRole("heading", { level: 1, name: SHOWN_RUN }).waitFor();
    await page.getByRole("link", { name: "Agreement" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "Agreement" }).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Agreement");
  });
});
