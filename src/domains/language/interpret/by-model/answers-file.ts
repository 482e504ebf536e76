/**
 * @file Answers that were paid for, one JSON line each, so that nobody pays twice. A line that was
 *   cut off by a crash is left out when the file is read.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { ChatAnswer, Question } from "../../../../fetch/chat/chat.ts";
import { readText } from "../../../../formats/read-text.ts";

const lineSchema = z.object({
  key: z.string(),
  text: z.string(),
  usage: z.object({ prompt: z.number(), completion: z.number() }).optional(),
  choices: z
    .array(
      z.object({
        token: z.string(),
        top: z.array(z.object({ token: z.string(), logprob: z.number() })),
      }),
    )
    .optional(),
});

/** What tells questions to a model apart. */
export function questionKey(model: string, question: Question): string {
  return createHash("sha256")
    .update(JSON.stringify([model, question]))
    .digest("hex");
}

/** Answers by the keys of their questions. */
export class AnswersFile {
  readonly #path: string;
  readonly #known: Map<string, ChatAnswer>;

  private constructor(path: string, known: Map<string, ChatAnswer>) {
    this.#path = path;
    this.#known = known;
  }

  /** Opens the file, which need not be there. */
  static async open(path: string): Promise<AnswersFile> {
    const known = new Map<string, ChatAnswer>();
    const text = existsSync(path) ? await readText(path) : "";
    for (const line of text.split("\n")) {
      const parsed = lineSchema.safeParse(parsedLine(line));
      if (parsed.success) known.set(parsed.data.key, parsed.data);
    }
    if (text !== "" && !text.endsWith("\n")) await appendFile(path, "\n");
    return new AnswersFile(path, known);
  }

  get(key: string): ChatAnswer | undefined {
    return this.#known.get(key);
  }

  async add(key: string, { text, usage, choices }: ChatAnswer): Promise<void> {
    const line = { key, text, ...(usage && { usage }), ...(choices && { choices }) };
    await mkdir(dirname(this.#path), { recursive: true });
    await appendFile(this.#path, `${JSON.stringify(line)}\n`);
    this.#known.set(key, line);
  }
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
