import { expect, test, vi } from "vitest";
import { print, printShaded } from "./print.ts";

/** What a function writes to standard output. */
function written(write: () => void): string {
  let text = "";
  const out = vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  write();
  out.mockRestore();
  return text;
}

const TEXT = "\u001b[7m car\u001b[27m\t\u001b[1mx\u001b[22m\u001b[2J\u001b]0;t\u0007\u009b31m\n";

test("shades of a terminal stay, and nothing else that could steer it", () => {
  expect(written(() => printShaded(TEXT))).toBe(
    "\u001b[7m car\u001b[27m\t\u001b[1mx\u001b[22m\\u001b[2J\\u001b]0;t\\u0007\\u009b31m\n",
  );
});

test("plain output has no escape codes at all", () => {
  expect(written(() => print(TEXT))).not.toMatch(/(?![\n\t])\p{Cc}/u);
});
