/** The game and the steering box: what a person does there reaches the server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EffectsAnswer, SteerAnswer, SteerRequest } from "../../../src/server/api/steer.ts";
import { hasNoBrowser, useBrowser } from "../../support/browser.ts";
import { SHOWN_RUN } from "../../support/evidence/page-runs.ts";
import { usePageServer } from "../../support/page-server.ts";

describe.skipIf(hasNoBrowser("the game and the steering box"))("on the page", () => {
  const served = usePageServer();
  const open = useBrowser();

  test("an answer of the game is kept and counted against chance", async () => {
    const { page, errors } = await open();
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/game`);
    const contexts = page.locator(".contexts button");
    await contexts.first().waitFor();
    expect(await contexts.count()).toBe(5);
    await page.getByText("No answers yet. Chance is 20").waitFor();
    await page.keyboard.press("3");
    const verdict = page.locator(".verdict");
    await expect.poll(() => verdict.textContent()).toMatch(/Right\.|Wrong: it was [1-5]\./);
    expect(await page.locator(".score").textContent()).toMatch(/of 1, 95 % interval .* chance 20/);
    expect(await page.locator(".contexts .intruder").count()).toBe(1);
    const kept = readFileSync(join(served().runs, SHOWN_RUN, "intruder/answers.jsonl"), "utf8");
    expect(JSON.parse(kept)).toMatchObject({ choice: 2 });
    const before = await contexts.allTextContents();
    await page.keyboard.press("j");
    await expect.poll(() => page.url()).toContain("set=1");
    await expect.poll(() => contexts.allTextContents()).not.toEqual(before);
    expect(await contexts.first().isDisabled()).toBe(false);
    expect(errors).toEqual([]);
  });

  test("the steering box asks for the latent, and shows both continuations", async () => {
    const { page, errors } = await open();
    const asked: SteerRequest[] = [];
    await page.route("**/api/run?*", async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer, can_steer: true } });
    });
    await page.route("**/api/steer", async (route) => {
      const request = route.request().postDataJSON() as SteerRequest;
      asked.push(request);
      const answer: SteerAnswer = {
        ...request,
        prompt_pieces: [request.prompt],
        unsteered: { text: " there was a dog.", pieces: [] },
        steered: { text: " <b>car</b> car\u0007", pieces: [] },
        model: "none",
        hook: "none",
        notes: ["The prompt was cut."],
      };
      await route.fulfill({ json: answer });
    });
    const effects: EffectsAnswer = {
      member: "member-0",
      latent: 61,
      change: "add",
      tokens: 3,
      cross_entropy: 2,
      effects: [
        { strength: 0, cross_entropy: 2, kl: 0 },
        { strength: 3, cross_entropy: 2.5, kl: 0.4 },
      ],
      model: "none",
      hook: "none",
    };
    await page.route("**/api/effects", (route) => route.fulfill({ json: effects }));
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents/member-0/61`);
    await page.getByLabel("Prompt").fill("Once");
    await page.getByRole("slider").fill("-3");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Once there was a dog.").waitFor();
    expect(await page.locator(".continuation").last().textContent()).toBe("Once <b>car</b> car␇");
    await page.getByText("The prompt was cut.").waitFor();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ member: "member-0", latent: 61, prompt: "Once" });
    expect(asked[0]!.strength).toBeLessThan(0);
    expect(errors).toEqual([]);
  });

  test("a steering that fails says why", async () => {
    const { page } = await open();
    await page.route("**/api/run?*", async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer, can_steer: true } });
    });
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents/member-0/61`);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.locator(".steer").getByRole("alert").waitFor();
  });
});

describe.skipIf(hasNoBrowser("pictures of rows"))("rows that are pictures", () => {
  const served = usePageServer({ pictures: true });
  const open = useBrowser();

  test("are drawn, without what could act in them", async () => {
    const { page, errors } = await open();
    await page.route("**/api/card?*", async (route) => {
      const card = await (await route.fetch()).json();
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"><script>document.title=2</script><a href="javascript:alert(1)"><path d="M0 0L9 9" onclick="alert(1)" style="fill:url(http://x/)"/></a><image href="http://x/y.png"/><circle r="3"/></svg>';
      await route.fulfill({ json: { ...card, figures: [{ title: "Atom", svg }] } });
    });
    await page.goto(`${served().url}/#/run/${SHOWN_RUN}/latents/member-0/61`);
    await page.locator(".pictures svg").first().waitFor();
    const atom = page.getByRole("img", { name: "Atom of latent 61" });
    const drawn = await atom.evaluate((element) => element.outerHTML);
    expect(drawn).toContain("<circle");
    expect(drawn).not.toMatch(/script|onload|onclick|javascript|http:\/\/x|href/);
    expect(await page.getByText("These rows come from no model.").count()).toBe(1);
    expect(await page.title()).toContain("Concord");
    // The server's policy reports what it refused to run while the picture was read.
    expect(errors.filter((error) => !/inline event handler/.test(error))).toEqual([]);
  });
});
