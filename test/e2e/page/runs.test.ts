/** Runs on the page: the table, the sweep's plot, comparing, one run, and what cannot be read. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";

describe.skipIf(hasNoBrowser("runs on the page"))("runs on the page", () => {
  const served = usePageServer();
  const open = useBrowser();

  async function runs(query = "") {
    const watched = await open();
    await watched.page.goto(`${served().url}/#/runs${query}`);
    await watched.page.locator("tbody tr").first().waitFor();
    const { page } = watched;
    const names = () => page.locator("tbody th a:first-child").allTextContents();
    return { ...watched, names };
  }

  test("are all listed with settings, metrics beside their nulls, and a curve", async () => {
    const { page, errors, names } = await runs();
    expect(await names()).toHaveLength(8);
    const heads = await page.locator("thead th").allTextContents();
    expect(heads).toEqual(
      expect.arrayContaining(["Run", "Status", "k", "architecture", "FVU\u00a0↓"]),
    );
    expect(await page.locator("td .null").first().textContent()).toMatch(/^null 0\.\d+/);
    expect(await page.locator(".sparkline").count()).toBe(7);
    // The damaged one says what is wrong, and the others are there.
    expect(await page.locator(".run-problem").textContent()).toContain("not JSON");
    expect(errors).toEqual([]);
  });

  test("filter by name and setting, and sort by a column", async () => {
    const { page, names } = await runs();
    await page.getByLabel("Filter runs").fill("sweep population.k=3");
    await expect.poll(names).toHaveLength(2);
    await page.getByLabel("Filter runs").fill("sweep");
    await expect.poll(names).toHaveLength(6);
    const column = async () => {
      const cells = await page
        .locator("tbody tr")
        .evaluateAll((rows) =>
          rows.map((row) => Number(row.querySelectorAll("td.n")[2]?.firstChild?.textContent)),
        );
      return cells;
    };
    await page.getByRole("button", { name: "FVU ↓" }).click();
    await expect.poll(() => page.url()).toContain("sort=fvu");
    const up = await column();
    expect(up).toEqual([...up].sort((a, b) => a - b));
    await page.getByRole("button", { name: "FVU ↓" }).click();
    await expect.poll(column).toEqual([...up].reverse());
    expect(await page.locator('th[aria-sort="descending"]').textContent()).toBe("FVU\u00a0↓");
  });

  test("show FVU against L0 with intervals over seeds", async () => {
    const { page } = await runs("?q=sweep");
    const figure = page.locator("figure svg");
    await figure.waitFor();
    expect(await figure.locator("> title").textContent()).toBe("FVU against L0");
    expect(await figure.locator("circle").count()).toBeGreaterThanOrEqual(6);
  });

  test("are compared two at a time or more", async () => {
    const { page, errors } = await runs();
    expect(await page.getByRole("button", { name: "Pick runs to compare" }).isDisabled()).toBe(
      true,
    );
    const boxes = page.getByRole("checkbox");
    await boxes.nth(2).check();
    await boxes.nth(3).check();
    await page.getByRole("button", { name: "Compare 2 runs" }).click();
    await page.getByRole("heading", { level: 1, name: "Compare" }).waitFor();
    const differing = page.getByLabel("Settings", { exact: true });
    expect(await differing.locator("tbody th").allTextContents()).toContain(
      "population.architecture",
    );
    await page.locator("figure svg").waitFor();
    expect(errors).toEqual([]);
  });

  test("one says what it is and how its members did", async () => {
    const { page, errors } = await open();
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}`);
    await page.getByRole("heading", { level: 1, name: SHOWN_RUN }).waitFor();
    await page.locator(".curves svg").first().waitFor();
    expect(await page.getByLabel("Members").locator("tbody tr").count()).toBe(4);
    await page.locator("summary", { hasText: "config.yaml" }).click();
    expect(await page.locator("pre").last().textContent()).toContain("name: shown");
    expect(errors).toEqual([]);
  });

  test("an address that is nothing, and a run that is not there", async () => {
    const { page } = await open();
    await page.goto(`${served().url}/#/nonsense`);
    await page.getByText("There is nothing at this address.").waitFor();
    await page.goto(`${served().url}/#/run/nothing`);
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toContain('There is no run "nothing"');
  });

  test("one that is removed while it is shown says so when it is asked for again", async () => {
    const { page } = await open();
    const { runs: folder, url } = served();
    const name = "sweep/population.k=4.population.architecture=topk";
    await page.goto(`${url}/#/run/${encodeURIComponent(name)}`);
    await page.locator(".curves svg").first().waitFor();
    renameSync(join(folder, name), join(folder, "..", "moved"));
    try {
      await page.reload();
      await expect.poll(() => page.getByRole("alert").textContent()).toContain("There is no run");
      await page.getByRole("link", { name: "Concord, all runs" }).click();
      await page.locator("tbody tr").first().waitFor();
    } finally {
      renameSync(join(folder, "..", "moved"), join(folder, name));
    }
  });
});
