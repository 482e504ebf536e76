/** The page as a folder: it opens as a file, asks for nothing else, and says what is damaged. */
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeStaticPage } from "../../../src/report/static-page/static-page.ts";
import { openAnswers } from "../../../src/server/ask.ts";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { fakeEvidence } from "../../support/evidence/fake-evidence.ts";
import { MEMBERS, SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe.skipIf(hasNoBrowser("the page as a folder"))("the page as a folder", () => {
  const served = usePageServer();
  const open = useBrowser();
  const folder = mkdtempSync(join(tmpdir(), "concord-static-"));
  const page = join(folder, "page");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const evidence = fakeEvidence({ members: MEMBERS });

  beforeAll(async () => {
    const only = [SHOWN_RUN, "sweep/population.k=2.population.architecture=topk"];
    const answer = await openAnswers({
      folder: served().runs,
      shown: "runs",
      only,
      isAlive: () => true,
      version: "0.0.0",
    });
    const runs = only.map((name) => ({
      name,
      members: name === SHOWN_RUN ? MEMBERS : [],
      evidence: name === SHOWN_RUN ? evidence : undefined,
    }));
    await writeStaticPage({ folder: page, web: served().web, runs, answer, version: "0.0.0" });
  });

  /** Opens a place of the folder as a file. */
  async function opened(place: string, of = page) {
    const watched = await open();
    await watched.page.goto(`${pathToFileURL(join(of, "index.html"))}#/${place}`);
    return watched;
  }

  test("shows the runs that it was written of, from files alone", async () => {
    const { page: tab, errors, requests } = await opened("");
    await tab.locator("tbody tr").first().waitFor();
    expect(await tab.locator("tbody tr").count()).toBe(2);
    expect(await tab.locator("main").textContent()).toContain("2 runs in runs");
    expect(requests.filter((url) => !url.startsWith("file:") && url !== "data:,")).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("shows the same card as a server does", async () => {
    const place = `run/${SHOWN_RUN}/latents/member-1/17`;
    const { page: tab, errors } = await opened(place);
    const texts = async (of: typeof tab) => {
      await of.locator(".beside-partners .example").first().waitFor();
      return of.locator(".card .example summary, .recurrence, .facts-line").allTextContents();
    };
    const shown = await texts(tab);
    const live = await open();
    await live.page.goto(`${served().url}/#/${place}`);
    const wanted = await texts(live.page);
    // Activations of examples keep a thousandth of the largest.
    const value = /\d[\d.]*$/;
    const words = (text: string) => text.replace(value, "");
    expect(shown.map(words)).toEqual(wanted.map(words));
    expect(shown.length).toBeGreaterThan(20);
    for (const [i, text] of shown.entries()) {
      const [a, b] = [text, wanted[i]!].map((t) => Number(value.exec(t)?.[0] ?? 0));
      expect(Math.abs(a! - b!)).toBeLessThan(0.02);
    }
    expect(errors).toEqual([]);
  });

  test("finds what a server finds, by keyboard too", async () => {
    const { page: tab, errors } = await opened(`run/${SHOWN_RUN}/latents`);
    await tab.locator(".landing").waitFor();
    await tab.keyboard.press("/");
    await tab.keyboard.type("car");
    await tab.getByRole("option").first().waitFor();
    const found = await tab.locator(".found-label").allTextContents();
    const { latents } = (await (
      await fetch(`${served().url}/api/find?name=${SHOWN_RUN}&query=car&limit=50`)
    ).json()) as { latents: { label: string }[] };
    // The made-up evidence searches less than the page does.
    expect(found.length).toBeGreaterThanOrEqual(latents.length);
    await tab.keyboard.press("Enter");
    await expect.poll(() => tab.url()).toMatch(/latents\/\S+\/\d+$/);
    expect(errors).toEqual([]);
  });

  test("has every view but those that need a server", async () => {
    const { page: tab, errors } = await opened(`run/${SHOWN_RUN}`);
    await tab.locator(".curves svg").first().waitFor();
    const views = tab.getByRole("navigation", { name: "Views of this run" });
    expect(await views.locator("a").allTextContents()).toEqual([
      "Run",
      "Latents",
      "Agreement",
      "Map",
    ]);
    await views.getByText("Agreement").click();
    await tab.locator(".figures svg").nth(2).waitFor();
    await views.getByText("Map").click();
    await tab.getByRole("heading", { name: "Map", exact: true }).waitFor();
    await tab.locator(".dots-figure svg").waitFor();
    expect(errors).toEqual([]);
  });

  test("a run without features says so", async () => {
    const name = encodeURIComponent("sweep/population.k=2.population.architecture=topk");
    const { page: tab, errors } = await opened(`run/${name}/latents`);
    await tab.getByText("There are no features here yet.").waitFor();
    expect(errors).toEqual([]);
  });

  test("a file that is damaged or missing is named, and the rest is shown", async () => {
    const broken = join(temporaryFolder(), "page");
    cpSync(page, broken, { recursive: true });
    writeFileSync(
      join(broken, "data/cards-0-1-0.js"),
      'concordData("cards-0-1-0.js","nonsense");\n',
    );
    rmSync(join(broken, "data/cards-0-2-0.js"));
    const { page: tab } = await opened(`run/${SHOWN_RUN}/latents/member-1/3`, broken);
    const alert = tab.getByRole("alert").first();
    await expect.poll(() => alert.textContent()).toContain("data/cards-0-1-0.js cannot be read");
    await expect.poll(() => alert.textContent()).toContain("concord report <run> --static");
    expect(await tab.locator(".rail-label").count()).toBeGreaterThan(10);
    await tab.goto(
      `${pathToFileURL(join(broken, "index.html"))}#/run/${SHOWN_RUN}/latents/member-2/3`,
    );
    await expect.poll(() => alert.textContent()).toContain("data/cards-0-2-0.js cannot be read");
  });

  test("is written anew whole, or stays as it was", async () => {
    const before = readdirSync(join(page, "data"));
    const failing = writeStaticPage({
      folder: page,
      web: served().web,
      runs: [],
      answer: () => Promise.reject(new Error("no")),
      version: "0.0.0",
    });
    await expect(failing).rejects.toThrow("no");
    expect(readdirSync(join(page, "data"))).toEqual(before);
    expect(readdirSync(folder)).toEqual(["page"]);
    expect(statSync(join(page, "index.html")).isFile()).toBe(true);
  });
});

test("a page that was not built is said to be missing, with the command", async () => {
  const written = writeStaticPage({
    folder: join(temporaryFolder(), "page"),
    web: "/nowhere",
    runs: [],
    answer: async () => ({ value: {} }),
    version: "0.0.0",
  });
  await expect(written).rejects.toMatchObject({
    code: "file/missing",
    message: "The page was not built: /nowhere has no index.html.",
    hint: expect.stringContaining("npm run build"),
  });
});
