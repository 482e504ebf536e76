/** TensorBoard reads what runs write for it, and its own writer gives the same bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c } from "../../../src/formats/crc32c.ts";
import { filesBelow } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { LINES, MEMBERS, momentOf } from "./events.ts";
import { writeOurs } from "./write-events.ts";

const HERE = import.meta.dirname;
const text = (name: string) => readFileSync(join(HERE, name), "utf8");

interface ReadEvent {
  readonly step: number;
  readonly wall_time: number;
  readonly scalars: Readonly<Record<string, number>>;
}

test("our event files are the bytes that TensorBoard's writer gives the same events", async () => {
  const folder = temporaryFolder();
  await writeOurs(folder);
  const ours = filesBelow(folder);
  expect(ours).toEqual(filesBelow(join(HERE, "ours")));
  const theirs = filesBelow(join(HERE, "theirs"));
  const name = (member: string) => `tensorboard/${member}events.out.tfevents.concord`;
  expect(ours.get(name(""))).toBe(theirs.get("population.tfevents"));
  for (const member of MEMBERS)
    expect(ours.get(name(`${member}/`))).toBe(theirs.get(`${member}.tfevents`));
});

test("TensorBoard read every finite number at its step and moment", () => {
  const read = JSON.parse(text("read.json")) as Record<string, ReadEvent[]>;
  const inFloat32 = (numbers: object) =>
    Object.fromEntries(
      Object.entries(numbers)
        .filter(([, value]) => Number.isFinite(value))
        .map(([key, value]) => [key, Math.fround(value) + 0]),
    );
  const files = [".", ...MEMBERS];
  expect(Object.keys(read)).toEqual(files);
  for (const [f, file] of files.entries())
    expect(read[file]).toEqual(
      LINES.map((line, i) => {
        const { step, members, ...population } = line;
        const numbers = file === "." ? population : (members as Record<string, object>)[file]!;
        const wall_time = momentOf(i * files.length + f) / 1000;
        return { step, wall_time, scalars: inFloat32(numbers) };
      }),
    );
  expect(JSON.parse(text("versions.json")).tensorboard).toMatch(/^2\./);
});

test("the checksum is that of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
});
