/** `concord steer`: a latent changed in its model, what it writes then, and what that costs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const home = mkdtempSync(join(tmpdir(), "concord-test-"));
const RUN = join(home, "letters");

beforeAll(async () => {
  writeTinyModel(join(home, "model"));
  writeLetters(join(home, "letters.txt"), 4, 400);
  const source = `source={ kind: language_model, model: model, hook: ${TINY_HOOK}, text: letters.txt }`;
  await tinyRuns(home, [source, "name=letters", "analyses=[evaluation]"]);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const steer = (...args: string[]) =>
  concord(["steer", RUN, ...args, "--model", join(home, "model")], home, { CONCORD_CACHE: home });

test("texts stand side by side, and what changes nothing writes the same", async () => {
  const { code, stdout, stderr } = await steer(
    ...["member-1:3", "--prompt", "abc", "--tokens", "4", "--add", "0", "1000", "--scale", "1"],
  );
  expect(stderr).not.toMatch(/error/);
  expect(code).toBe(0);
  const [head, , same, nothing, far, asIs] = stdout.split("\n");
  expect(head).toMatch(/member-1:3 +abc/);
  const textOf = (line: string | undefined) =>
    line?.replace(/^(as it is|0 added|scaled by 1) +/, "");
  expect(far).toContain("1000 added");
  expect(textOf(nothing)).toBe(textOf(same));
  expect(textOf(asIs)).toBe(textOf(same));
});

test("a text says what each change costs: nothing, a little, much", async () => {
  const { code, stdout } = await steer(
    "0",
    "--text",
    join(home, "letters.txt"),
    "--max-tokens",
    "240",
    "--add",
    "0",
    "1",
    "50",
    "--ablate",
    "--json",
  );
  expect(code).toBe(0);
  const { sae, effect, interventions, texts } = JSON.parse(stdout);
  expect(sae).toContain("member-0");
  expect(texts).toBeUndefined();
  expect(interventions.at(-1)).toEqual({ kind: "scale", value: 0 });
  const [none, little, much, ablated] = effect.changed;
  expect(none.cross_entropy).toBeCloseTo(effect.cross_entropy, 6);
  expect(Math.abs(none.kl)).toBeLessThan(1e-6);
  expect(little.kl).toBeGreaterThan(0);
  expect(much.kl).toBeGreaterThan(little.kl);
  expect(ablated.kl).toBeGreaterThanOrEqual(0);
});

test.each([
  [["0", "--prompt", "a"], /Expected what to do to the latent/],
  [["0", "--ablate"], /Expected --prompt, --text, or both/],
  [["x", "--ablate", "--prompt", "a"], /Expected the number of a latent but received "x"/],
  [["99", "--ablate", "--prompt", "a"], /an integer from 0 to 15 for latent/],
  [["none:0", "--ablate", "--prompt", "a"], /has no member "none"/],
  [["0", "--add", "much", "--prompt", "a"], /Expected a number/],
  [["0", "--ablate", "--prompt", "a", "--hook", "blocks.9.hook_x"], /blocks\.9\.hook_x/],
])("%j is misuse, in one line", async (args, message) => {
  const { code, stderr } = await steer(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
