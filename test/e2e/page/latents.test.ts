/** Latents on the page: the list, the card, keys, the search, and what has no card. */
import { describe, expect, test } from "vitest";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";

const LATENTS = 96;

describe.skipIf(hasNoBrowser("latents on the page"))("latents on the page", () => {
  const served = usePageServer({ latents: LATENTS });
  const open = useBrowser();

  /** Opens a place below the latents of the run. */
  async function latents(place = "") {
    const watched = await open();
    await watched.page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents${place}`);
    await watched.page.locator(".landing, .card, .problem").first().waitFor();
    return watched;
  }

  test("begin with what stands out, and a list of the first member", async () => {
    const { page, errors } = await latents();
    expect(await page.locator("h1").textContent()).toBe("Latents");
    expect(await page.getByLabel("Most recurrent latents").locator("tbody tr").count()).toBe(10);
    await page.locator(".figure svg").waitFor();
    expect(await page.getByLabel("Member", { exact: true }).inputValue()).toBe("member-0");
    const rows = page.getByLabel("Latents", { exact: true }).locator("li a");
    expect(await rows.count()).toBeGreaterThan(10);
    // A list of thousands has only what is seen in the document.
    expect(await rows.count()).toBeLessThan(LATENTS);
    expect(errors).toEqual([]);
  });

  test("a card says who else found it beside the null, and shows where it fires", async () => {
    const { page, errors } = await latents("/member-0/61");
    const sentence = await page.locator(".recurrence").textContent();
    expect(sentence).toMatch(/Found in \d of 3 other members/);
    expect(sentence).toMatch(/cosine\s+\.\d\d ± \.\d\d/);
    expect(sentence).toContain("null .21");
    const headings = await page.locator("h2").allTextContents();
    const place = (text: string) => headings.findIndex((heading) => heading.startsWith(text));
    expect(place("At random")).toBeGreaterThan(-1);
    expect(place("At random")).toBeLessThan(place("Strongest"));
    expect(await page.locator(".example .peak").count()).toBeGreaterThan(10);
    // Shades follow activations: no two examples of the strongest are alike but for the top.
    const shades = await page
      .locator("section", { hasText: "Strongest" })
      .locator(".example .peak")
      .evaluateAll((all) => all.map((e) => Number(/--a:\s*([\d.]+)/.exec(e.outerHTML)?.[1])));
    expect(shades[0]).toBeGreaterThan(0.9);
    expect(shades).toEqual([...shades].sort((a, b) => b - a));
    expect(await page.locator(".partners tbody tr").count()).toBe(3);
    expect(errors).toEqual([]);
  });

  test("a line of an example opens into its whole context", async () => {
    const { page } = await latents("/member-0/61");
    const example = page.locator(".example").first();
    await example.locator("summary").click();
    expect(await example.locator(".context").textContent()).not.toBe("");
    expect(await example.textContent()).toMatch(/document \d+, position \d+/);
  });

  test("all partners are beside it, each with how alike it is and where the two disagree", async () => {
    const { page } = await latents("/member-0/61");
    const beside = page.getByLabel("The latent and its partners");
    // Their cards are asked for when one comes to them.
    await beside.scrollIntoViewIfNeeded();
    for (const member of ["member-1", "member-2", "independent-0"])
      await beside.getByRole("heading", { name: new RegExp(`${member} · \\d+`) }).waitFor();
    expect(await beside.getByRole("heading", { name: "Where they disagree" }).count()).toBe(3);
    expect(await beside.textContent()).toMatch(/cosine −?\.\d\d null \.21, activity −?\.\d\d/);
    // What it is said of: the rows that can be compared, and how many there are.
    expect(await beside.textContent()).toMatch(/show [\d,]+ rows in common/);
    expect(await beside.textContent()).toMatch(/active in [\d,]+ rows, and both in/);
  });

  test("j and k go through the list, r anywhere, m to the partner in the next member", async () => {
    const { page, errors } = await latents("/member-0?sort=number");
    const shown = () => new URL(page.url()).hash.split("?")[0]!.split("/").slice(4).join("/");
    const press = async (key: string, place: string | RegExp) => {
      await page.keyboard.press(key);
      await expect.poll(shown).toMatch(place);
    };
    await press("j", /^member-0\/0$/);
    await press("j", /^member-0\/1$/);
    await press("j", /^member-0\/2$/);
    await press("k", /^member-0\/1$/);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator(".partners").waitFor();
    await press("m", /^member-1\/\d+$/);
    await page.locator(".step a", { hasText: "member-1" }).waitFor();
    await press("r", /^member-1\/\d+$/);
    expect(page.url()).toContain("sort=number");
    expect(errors).toEqual([]);
  });

  test("letters in a field are letters, and keys can be switched off", async () => {
    const { page } = await latents("/member-0/1?sort=number");
    await page.getByLabel("Filter labels").pressSequentially("jk");
    expect(page.url()).toContain("/member-0/1?");
    await page.getByLabel("Filter labels").fill("");
    await page.getByRole("button", { name: "Keys and help" }).click();
    await page.getByLabel("Single letters do something").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.waitForTimeout(200);
    expect(page.url()).toContain("/member-0/1?");
  });

  test("/ searches by token; arrows and Enter open what is found", async () => {
    const { page, errors } = await latents();
    await page.keyboard.press("/");
    await page.keyboard.type(" car");
    const options = page.getByRole("option");
    await options.first().waitFor();
    expect(await options.first().textContent()).toContain("car");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => options.nth(1).getAttribute("aria-selected")).toBe("true");
    const where = await options.nth(1).locator(".found-where").textContent();
    const [, member, latent] = /(\S+) · (\d+) ·/.exec(where ?? "") ?? [];
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain(`/latents/${member}/${latent}`);
    expect(errors).toEqual([]);
  });

  test("a search that finds nothing says so", async () => {
    const { page } = await latents();
    await page.getByRole("combobox", { name: /^Search/ }).fill("zzzz");
    await page.getByText(/Nothing has “zzzz”/).waitFor();
  });

  test("the address holds order and filter", async () => {
    const { page } = await latents("/member-1?sort=dense&q=car&dead=1");
    expect(await page.getByLabel("Order").inputValue()).toBe("dense");
    expect(await page.getByLabel("Filter labels").inputValue()).toBe("car");
    const labels = await page.locator(".rail-label").allTextContents();
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.filter((label) => !label.includes("car"))).toEqual([]);
    await page.getByLabel("Order").selectOption("rare");
    await expect.poll(() => page.url()).toContain("sort=rare");
  });

  test("tokens that are HTML or control characters are text", async () => {
    const { page, errors } = await latents("/member-0?sort=number");
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.getByLabel("Filter labels").fill("script");
    const label = page.locator(".rail-label").first();
    await expect.poll(() => label.textContent()).toContain("<script>");
    await label.click();
    await page.locator(".example").first().waitFor();
    expect(await page.locator("h1").textContent()).toBe('"<script>alert(1)</script>"');
    expect(await page.locator("main script, main b:not(.meter b)").count()).toBe(0);
    expect(dialogs).toEqual([]);
    for (const [search, shown] of [
      ["u202e", "\\u202e"],
      ["\\n", "↵"],
      ["\\u0000", "␀"],
    ] as const) {
      await page.getByLabel("Filter labels").fill(search);
      await page.locator(".rail-label").first().click();
      await expect
        .poll(() => page.locator(".example .peak").first().textContent())
        .toContain(shown);
    }
    expect(errors).toEqual([]);
  });

  test("a dead latent says so, and shows what is known of its atom", async () => {
    const { page, errors } = await latents("/member-0?sort=number&dead=1");
    await page.locator(".rail-label", { hasText: /^–$/ }).first().click();
    await page.getByRole("heading", { level: 1, name: /is dead$/ }).waitFor();
    await page.getByText("It was active in none of").waitFor();
    expect(await page.getByRole("heading", { name: "Strongest" }).count()).toBe(0);
    expect(await page.locator(".partners tbody tr").count()).toBe(3);
    expect(errors).toEqual([]);
  });

  test("a latent that is not there is said to be missing; the list stays", async () => {
    const { page } = await latents("/member-0/5");
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents/member-0/5000`);
    const alert = page.getByRole("alert");
    await expect.poll(() => alert.textContent()).toContain("has no latent 5000");
    expect(await page.locator(".rail-label").count()).toBeGreaterThan(10);
  });

  test("a run without features says the command", async () => {
    const { page, errors } = await open();
    const [name] = ["sweep/population.k=2.population.architecture=topk"];
    await page.goto(`${served().url}/#/run/${encodeURIComponent(name!)}/latents`);
    await page.getByText("There are no features here yet.").waitFor();
    expect(await page.locator("main pre").textContent()).toContain("concord features");
    expect(errors).toEqual([]);
  });

  test("a narrow page folds the list away", async () => {
    const { page, errors } = await open({ viewport: { width: 360, height: 740 } });
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents/member-0/61`);
    await page.locator(".example").first().waitFor();
    expect(await page.locator(".rail-label").first().isVisible()).toBe(false);
    await page.getByText("All latents of member-0").click();
    await page.locator(".rail-label").nth(1).click();
    await expect.poll(() => page.url()).not.toContain("/member-0/61");
    expect(errors).toEqual([]);
  });
});
