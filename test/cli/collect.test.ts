import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openStoreTokens } from "../../src/domains/language/source/store-tokens.ts";
import { parseIndex } from "../../src/sources/shards/shard-index.ts";
import { openShardSource } from "../../src/sources/shards/shard-source.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, filesBelow, startConcord, until } from "../support/cli.ts";
import { withReadOnly } from "../support/mount.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

/** A folder with a model and a text of `documents` documents. */
function workplace(documents: number): string {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), documents, 2000);
  return folder;
}

const COLLECT = ["collect", "--model", "model", "--hook", TINY_HOOK, "--text", "letters.txt"];

function indexOf(folder: string, store: string) {
  const path = join(folder, store, "index.json");
  return parseIndex(readFileSync(path, "utf8"), path);
}

/** Waits until a store has `blocks` whole blocks, a few of those that there will be. */
async function untilBlocks(folder: string, store: string, blocks: number): Promise<void> {
  const journal = join(folder, store, "shard-00000.journal");
  await until(
    `${blocks} blocks were written`,
    () => existsSync(journal) && readFileSync(journal, "utf8").split("\n").length > blocks,
  );
}

describe("collect", () => {
  test("killed and run again, it leaves the bytes of a collection that never was", async () => {
    const folder = workplace(120);
    const command = [...COLLECT, "--dtype", "float32", "--json"];
    const whole = concord([...command, "--out", "whole"], folder);
    const killed = startConcord([...command, "--out", "killed"], folder);
    await untilBlocks(folder, "killed", 2);
    killed.child.kill("SIGKILL");
    expect((await killed.ended).code).toBe(null);
    const again = JSON.parse((await concord([...command, "--out", "killed"], folder)).stdout);
    const facts = JSON.parse((await whole).stdout);
    expect(facts).toMatchObject({ rows: 240_357, d_in: 24, dtype: "float32", written: 240_357 });
    expect(again.written).toBeGreaterThan(0);
    expect(again.written).toBeLessThan(facts.rows);
    expect(filesBelow(join(folder, "killed"))).toEqual(filesBelow(join(folder, "whole")));
  });

  test("into a read-only folder it ends with one line; a store begun there stays, and is gone on with later", async ({
    skip,
  }) => {
    const folder = workplace(120);
    const kept = join(folder, "kept");
    mkdirSync(kept);
    const command = [...COLLECT, "--dtype", "float32", "--json"];
    const { child, ended } = startConcord([...command, "--out", "kept/store"], folder);
    await untilBlocks(folder, "kept/store", 2);
    child.kill("SIGKILL");
    await ended;
    const begun = filesBelow(kept);
    const refused = await withReadOnly(kept, async () => {
      for (const store of ["kept/store", "kept/other"]) {
        const { code, stdout, stderr } = await concord([...command, "--out", store], folder);
        const lines = stderr.split("\n").filter((line) => !/^(collecting|tokeni)/.test(line));
        expect(lines.join("\n")).toMatch(
          new RegExp(`^error: Cannot [\\w ]+ ${store}\\S*: .+\\.\n  hint: .+\n$`),
        );
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(filesBelow(kept)).toEqual(begun);
      }
    });
    if (announceSkip("collect into a read-only folder", refused)) return skip();
    const again = JSON.parse((await concord([...command, "--out", "kept/store"], folder)).stdout);
    expect(again.written).toBeGreaterThan(0);
    expect(again.written).toBeLessThan(again.rows);
  });

  test("interrupted, it ends with 130 and says how to go on", async () => {
    const folder = workplace(120);
    const { child, ended } = startConcord([...COLLECT, "--dtype", "float32", "--out", "s"], folder);
    await untilBlocks(folder, "s", 1);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(stderr).toContain(
      "error: Collecting into s was interrupted.\n  hint: Run the same command again: it continues where it stopped.\n",
    );
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(indexOf(folder, "s").complete).toBe(false);
  });

  test("with special tokens kept, a window is a group of the store; done again, nothing is done", async () => {
    const folder = workplace(2);
    const command = [...COLLECT, "--keep-special", "--context", "10", "--out", "store"];
    const { code, stdout } = await concord(command, folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^store: 4003 activations of d_in 24 \(float16, 188 KiB\); 4003 written in \d+s, \S+ tokens\/s\n$/,
    );
    expect(indexOf(folder, "store")).toMatchObject({ groupRows: 10, complete: true });
    const again = await concord(command, folder);
    expect(again.stdout).toMatch(/; complete already\n$/);
    const other = await concord([...command, "--max-tokens", "500"], folder);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(
      /^error: store was begun with something else: max_tokens \(--max-tokens\) was not set, now 500.\n {2}hint: Continue it/m,
    );
  });

  test("what was changed since a store was begun is said, before the model is opened", async () => {
    const folder = workplace(2);
    const command = [...COLLECT, "--out", "store"];
    expect((await concord(command, folder)).code).toBe(0);
    const whole = filesBelow(join(folder, "store"));
    const refused = async (what: string, args: readonly string[]) => {
      const { code, stdout, stderr } = await concord(args, folder);
      expect(stderr).toBe(
        `error: store was begun with something else: ${what}.\n  hint: Continue it with the settings it was started with, or choose another folder.\n`,
      );
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(filesBelow(join(folder, "store"))).toEqual(whole);
    };
    await refused("mode was packed, now documents; dtype was float16, now float32", [
      ...command,
      "--dtype",
      "float32",
      "--mode",
      "documents",
    ]);
    await refused("skip_special (--keep-special) was true, now false", [
      ...command,
      "--keep-special",
    ]);
    await refused("context was 12, now 6", [...command, "--context", "6"]);
    await refused(
      `hook was ${TINY_HOOK}, now blocks.1.hook_resid_pre`,
      command.map((word) => (word === TINY_HOOK ? "blocks.1.hook_resid_pre" : word)),
    );
    const text = readFileSync(join(folder, "letters.txt"), "utf8");
    writeFileSync(join(folder, "letters.txt"), `${text}and more`);
    await refused("the text letters.txt has other content now", command);
    writeFileSync(join(folder, "letters.txt"), text);
    const tokenizer = join(folder, "model", "tokenizer.json");
    writeFileSync(tokenizer, ` ${readFileSync(tokenizer, "utf8")}`);
    await refused("the model model has other files now", command);
  });

  test("an older store is still read, and is not gone on with", async () => {
    const folder = workplace(2);
    const command = [...COLLECT, "--out", "store"];
    await concord(command, folder);
    const path = join(folder, "store", "index.json");
    const { tokens: _, ...index } = JSON.parse(readFileSync(path, "utf8"));
    delete index.provenance.text_reader;
    writeFileSync(path, JSON.stringify(index));
    const source = await openShardSource({ folder: join(folder, "store") });
    expect(source.dIn).toBe(24);
    await source.close();
    const { code, stderr } = await concord(command, folder);
    expect(stderr).toContain("an earlier version began it, which read texts in another way");
    expect(code).toBe(2);
  });

  test("every kind of text gives the same rows, with their token ids; damage is warned of", async () => {
    const folder = workplace(1);
    const documents = ["once upon a time. ", "  there was a cat,\nand it sat. "];
    const lines = documents.map((text) => `${JSON.stringify({ story: text })}\n`).join("");
    writeFileSync(join(folder, "a.jsonl"), lines);
    mkdirSync(join(folder, "shards", "b"), { recursive: true });
    writeFileSync(join(folder, "shards", "LICENSE"), "not a text");
    writeFileSync(join(folder, "shards", "b", "2.ndjson"), lines.split("\n")[1]!);
    writeFileSync(join(folder, "shards", "b", "1.json.gz"), gzipSync(`[${lines.split("\n")[0]}]`));
    const rows: string[] = [];
    for (const [n, text] of [
      ["a.jsonl"],
      ["shards"],
      ["shards/b/*"],
      ["shards/b/1.json.gz", "shards/b/2.ndjson"],
    ].entries()) {
      const command = [
        "collect",
        "--model",
        "model",
        "--hook",
        TINY_HOOK,
        "--text-column",
        "story",
      ];
      const out = ["--out", `out-${n}`, "--text"];
      const { code, stderr } = await concord([...command, ...out, ...text], folder);
      expect({ code, stderr: stderr.replace(/^tokenising.*\n/, "") }).toEqual({
        code: 0,
        stderr: "",
      });
      rows.push(readFileSync(join(folder, `out-${n}`, "shard-00000.bin"), "hex"));
    }
    expect(new Set(rows).size).toBe(1);
    const tokens = await openStoreTokens(join(folder, "out-0"));
    const { windows, documents: from } = await tokens.readRows(tokens.rows - 1, 1);
    expect([tokens.windows, windows[0], from[0]]).toEqual([5, 4, 1]);
    const { ids } = await tokens.readWindows(0, tokens.windows);
    const letters = [..."abcdefghijklmnopqrstuvwxyz .,", "|"];
    expect([...ids.slice(0, 50)].map((id) => letters[id]).join("")).toBe(
      `|${documents[0]}|${documents[1]!.replace("\n", "")}`,
    );
    await tokens.close();

    writeFileSync(join(folder, "damaged.txt"), Buffer.from("ol\xe9 once upon a time", "latin1"));
    const damaged = [...COLLECT.slice(0, -1), "damaged.txt", "--out", "damaged", "--json"];
    const warning =
      "damaged.txt: 1 character did not decode and became U+FFFD; is it really UTF-8?";
    for (const round of ["collected", "complete already"]) {
      const { stdout, stderr } = await concord(damaged, folder);
      expect(stderr, round).toContain(`warning: ${warning}\n`);
      expect(JSON.parse(stdout)).toMatchObject({ warnings: [warning] });
    }
  });

  test("what is not text is refused before the model is opened", async () => {
    const folder = workplace(1);
    writeFileSync(join(folder, "letters.txt"), "PK\x03\x04 and more");
    rmSync(join(folder, "model", "model.safetensors"));
    const { code, stderr } = await concord([...COLLECT, "--out", "store"], folder);
    expect(stderr).toMatch(
      /^error: \S+letters.txt: it is a zip archive .+, not text.\n {2}hint: .+\n$/,
    );
    expect(code).toBe(1);
    expect(existsSync(join(folder, "store"))).toBe(false);
  });

  test("a hook that the model lacks is answered with the nearest names", async () => {
    const folder = workplace(1);
    const command = COLLECT.map((word) => (word === TINY_HOOK ? "blocks.0.resid_post" : word));
    const { code, stderr } = await concord([...command, "--out", "store"], folder);
    expect(stderr).toBe(
      'error: There is no hook "blocks.0.resid_post" in this model.\n' +
        "  hint: nearest names: blocks.0.hook_resid_post, blocks.1.hook_resid_post, blocks.0.hook_resid_pre, blocks.0.mlp.hook_post\n",
    );
    expect(code).toBe(2);
    expect(existsSync(join(folder, "store"))).toBe(false);
  });

  test("a context or a text that gives nothing is refused before a store is begun", async () => {
    const folder = workplace(1);
    writeFileSync(join(folder, "letters.txt"), "");
    const command = [...COLLECT, "--out", "store"];
    const long = await concord([...command, "--context", "13"], folder);
    expect(long.stderr).toBe(
      "error: Expected at most 12 tokens, which the model was made for, for context but received 13 (number).\n",
    );
    const empty = await concord(command, folder);
    expect(empty.stderr).toBe(
      "error: letters.txt gives no activations: it has no tokens.\n" +
        "  hint: Give a longer text, more tokens of it, or keep special tokens.\n",
    );
    expect([long.code, empty.code]).toEqual([2, 2]);
    expect(existsSync(join(folder, "store"))).toBe(false);
  });
});

describe("models", () => {
  test("eval prints what the model's own cross-entropy is", async () => {
    const folder = workplace(2);
    const command = ["models", "eval", "model", "--text", "letters.txt", "--context", "12"];
    const { code, stdout } = await concord([...command, "--json"], folder);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ model: "model", context: 12, windows: 334, tokens: 3669 });
    // An untrained model is a little worse than guessing among its 61 tokens.
    expect(result.cross_entropy).toBeGreaterThan(Math.log(61) - 0.5);
    expect(result.cross_entropy).toBeLessThan(Math.log(61) + 1.5);
    expect(result.perplexity).toBeCloseTo(Math.exp(result.cross_entropy), 6);
    const shown = (await concord([...command, "--max-tokens", "600"], folder)).stdout;
    expect(shown).toMatch(/^model +text +context +tokens +cross-entropy \(nats\) +perplexity\n/);
    expect(shown).toMatch(/\nmodel +letters.txt +12 +550 +\d/);
  });

  test("list says which are here, and get prints a folder or names what is near", async () => {
    const folder = workplace(1);
    const listed = JSON.parse((await concord(["models", "list", "--json"], folder)).stdout);
    expect(listed.map((m: { name: string }) => m.name)).toContain("stories15m");
    expect(listed.every((m: { folder: unknown }) => m.folder === null)).toBe(true);
    expect((await concord(["models", "list"], folder)).stdout).toMatch(
      /^model +here[\s\S]+\nTexts [\w ]+: stories15m-samples, prose, gutenberg\/austen-emma, /,
    );
    expect((await concord(["models", "get", "./model"], folder)).stdout).toBe(
      `${join(folder, "model")}\n`,
    );
    const { code, stderr } = await concord(["models", "get", "storys15m"], folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: "storys15m" is neither a file nor a model of the catalogue.\n {2}hint: nearest names: stories15m, /,
    );
  });
});
