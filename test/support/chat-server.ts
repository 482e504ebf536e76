/**
 * @file A server that speaks OpenAI's chat protocol as far as Concord asks it, for tests: it
 *   answers every question in the form of its schema, and fails as it is told.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a question looks like on the way. */
export interface SentQuestion {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format: { readonly json_schema: { readonly name: string } };
}

/** What the server does with the n-th request, from 0 on; undefined: answer. */
export type Fault = (
  request: number,
) => { readonly status: number; readonly body?: string } | undefined;

const linesOf = (text: string) => text.split("\n").length;

/** An answer of the right form: the unit is said to be active nowhere but in the first text. */
function answerTo({ messages, response_format }: SentQuestion): object {
  const user = messages[1]!.content;
  const { name } = response_format.json_schema;
  if (name === "explanation") return { explanation: "the letter a" };
  if (name === "answers") return { answers: user.split("\n").map((_, i) => (i === 0 ? 1 : 0)) };
  const tokens = user.split("\n").map((line) => JSON.parse(line.split("\t")[1]!) as string);
  return { activations: tokens.map((token) => (token.trim() === "a" ? 9 : 0)) };
}

/** A running server. */
export interface ChatServer {
  /** Ends in /v1. */
  readonly endpoint: string;
  readonly questions: SentQuestion[];
  readonly keys: (string | undefined)[];
}

/** Starts a server that ends with the test. */
export async function chatServer(fault: Fault = () => undefined): Promise<ChatServer> {
  const questions: SentQuestion[] = [];
  const keys: (string | undefined)[] = [];
  let requests = 0;
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const failed = fault(requests++);
    if (failed) {
      response.writeHead(failed.status, { "retry-after": "0" }).end(failed.body ?? "");
      return;
    }
    const question = JSON.parse(Buffer.concat(parts).toString()) as SentQuestion;
    questions.push(question);
    keys.push(request.headers.authorization);
    const content = JSON.stringify(answerTo(question));
    const usage = { prompt_tokens: linesOf(content) + 10, completion_tokens: 5 };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ message: { content } }], usage }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/v1`, questions, keys };
}
