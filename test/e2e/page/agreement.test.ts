/** Agreement on the page: pairs, and latents that a rectangle or numbers select. */
import { describe, expect, test } from "vitest";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";

describe.skipIf(hasNoBrowser("agreement on the page"))("agreement on the page", () => {
  const served = usePageServer();
  const open = useBrowser();

  async function agreement(query = "") {
    const watched = await open();
    await watched.page.goto(`${served().url}/#/run/${SHOWN_RUN}/agreement${query}`);
    await watched.page.locator(".figures svg").nth(2).waitFor();
    return watched;
  }

  test("every pair has its number, and a click shows it beside its null", async () => {
    const { page, errors } = await agreement();
    const cells = page.locator(".heat td button");
    expect(await cells.count()).toBe(12);
    await page.getByRole("button", { name: /^member-1 and independent-0: MCC/ }).click();
    await page.getByRole("heading", { name: "member-1 and independent-0" }).waitFor();
    const details = page.locator(".pair-details");
    expect(await details.locator("tbody tr").count()).toBe(3);
    expect(await details.locator("td.null").first().textContent()).toMatch(/^\.\d\d$/);
    expect(await page.locator(".lead").textContent()).toMatch(/MCC of \.\d\d null \.\d\d\./);
    expect(errors).toEqual([]);
  });

  test("the founding figure has its line and its nulls", async () => {
    const { page } = await agreement();
    const figure = page.locator("figure", { hasText: "What is found again is true" });
    const words = await figure.locator("svg").textContent();
    expect(words).toMatch(/least squares, r = −?[\d.]+/);
    expect(words).toMatch(/null [\d.]+ and [\d.]+/);
  });

  test("the cloud is drawn when one comes to it, with both nulls", async () => {
    const { page } = await agreement();
    const cloud = page.locator("figure", { hasText: "Agreement, truth and density" });
    const isNear = (await cloud.boundingBox())!.y < 1200;
    expect(await cloud.locator("svg").count()).toBe(isNear ? 1 : 0);
    await cloud.scrollIntoViewIfNeeded();
    await cloud.locator("svg").waitFor();
    expect(await cloud.locator("svg").textContent()).toMatch(/null [\d.]+ and [\d.]+/);
  });

  test("a rectangle lists the latents in it; a click on one of the list opens it", async () => {
    const { page, errors } = await agreement();
    const layer = page.locator(".dots-layer").nth(1);
    await layer.scrollIntoViewIfNeeded();
    const box = (await layer.boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 0.5 * box.height, { steps: 4 });
    await page.mouse.move(box.x + 0.98 * box.width, box.y + box.height - 60, { steps: 8 });
    await page.mouse.up();
    const heading = page.getByRole("heading", { name: /latents selected/ });
    await heading.waitFor();
    const count = Number(/\d+/.exec((await heading.textContent())!)![0]);
    expect(count).toBeGreaterThan(20);
    expect(page.url()).toContain("brush=truth%3A");
    const rows = page.getByLabel("Selected latents").locator("tbody tr");
    expect(await rows.count()).toBe(Math.min(100, count));
    await rows.first().locator("a").click();
    await expect.poll(() => page.url()).toMatch(/latents\/\S+\/\d+/);
    expect(errors).toEqual([]);
  });

  test("numbers select as a rectangle does, and the address holds them", async () => {
    const { page } = await agreement("?brush=truth:0,1,0,1");
    const heading = page.getByRole("heading", { name: /latents selected/ });
    const all = Number(/\d+/.exec((await heading.textContent())!)![0]);
    const figure = page.locator("figure", { hasText: "What is found again is true" });
    await figure.getByText("Select by numbers").click();
    await figure.getByLabel("cosine with the truth from").fill("0.6");
    await figure.getByLabel("cosine with the truth from").press("Tab");
    await expect
      .poll(async () => Number(/\d+/.exec((await heading.textContent())!)![0]))
      .toBeLessThan(all);
    expect(page.url()).toContain("brush=truth%3A0.6%2C1");
    const truths = await page
      .getByLabel("Selected latents")
      .locator("tbody tr td:last-child")
      .allTextContents();
    expect(truths.filter((t) => Number(t) < 0.6)).toEqual([]);
  });

  test("a click on a dot opens its latent", async () => {
    const { page } = await agreement();
    const circle = page.locator("figure", { hasText: "What is found again" }).locator("circle");
    await circle.first().scrollIntoViewIfNeeded();
    const box = (await circle.first().boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => page.url()).toMatch(/latents\/\S+\/\d+/);
  });

  test("one member alone", async () => {
    const { page } = await agreement();
    await page.getByRole("combobox", { name: "Latents of" }).selectOption("member-1");
    await expect.poll(() => page.url()).toContain("member=member-1");
    await expect
      .poll(() => page.locator(".figures svg desc").nth(1).textContent())
      .toMatch(/^96 latents/);
  });
});
