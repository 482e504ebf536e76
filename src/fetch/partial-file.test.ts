import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { PartialFile, partialBytes } from "./partial-file.ts";

const place = () => join(temporaryFolder(), "a.edf");
const VERSION = { etag: '"1"', lastModified: "Thu", bytes: 10 };

describe("an unfinished file", () => {
  test("begins empty, and of no version", async () => {
    const target = place();
    const part = await PartialFile.open(target);
    expect([part.bytes, part.version]).toEqual([0, undefined]);
    expect(existsSync(target)).toBe(false);
    await part.close();
  });

  test("keeps bytes and version for the next time", async () => {
    const target = place();
    const part = await PartialFile.open(target);
    await part.restart(VERSION);
    await part.append(Buffer.from("hello"));
    await part.append(Buffer.from(" you"));
    await part.sync();
    await part.close();
    expect(await partialBytes(target)).toBe(9);
    const again = await PartialFile.open(target);
    expect([again.bytes, again.version]).toEqual([9, VERSION]);
    await again.append(Buffer.from("!"));
    await again.close();
    await again.finish();
    expect(readFileSync(target, "utf8")).toBe("hello you!");
    expect(readdirSync(join(target, ".."))).toEqual(["a.edf"]);
  });

  test("loses its bytes to another version", async () => {
    const part = await PartialFile.open(place());
    await part.restart(VERSION);
    await part.append(Buffer.from("old"));
    await part.restart({ etag: '"2"' });
    expect([part.bytes, part.version]).toEqual([0, { etag: '"2"' }]);
    await part.append(Buffer.from("new"));
    await part.close();
    expect(readFileSync(part.path, "utf8")).toBe("new");
  });

  test("that was wrong is removed with its record, and what was there before stays", async () => {
    const target = place();
    writeFileSync(target, "before");
    const part = await PartialFile.open(target);
    await part.restart(VERSION);
    await part.close();
    await part.discard();
    expect(readdirSync(join(target, ".."))).toEqual(["a.edf"]);
    expect(readFileSync(target, "utf8")).toBe("before");
  });

  test.each(["", "{", "null", "[]", '{"etag":5,"bytes":-0.5}'])(
    "with the record %j is of no version that is known",
    async (record) => {
      const target = place();
      writeFileSync(`${target}.part`, "abc");
      writeFileSync(`${target}.part.json`, record);
      const part = await PartialFile.open(target);
      expect(part.bytes).toBe(3);
      expect(part.version ?? {}).toEqual({});
      await part.close();
    },
  );

  test("cannot be where there is no folder", async () => {
    await expect(PartialFile.open(join(place(), "b.edf"))).rejects.toMatchObject({
      code: "file/missing",
    });
    const target = place();
    mkdirSync(`${target}.part`);
    await expect(PartialFile.open(target)).rejects.toMatchObject({ code: "argument/invalid" });
  });
});

test("of no file no bytes are there", async () => {
  expect(await partialBytes(place())).toBe(0);
});
