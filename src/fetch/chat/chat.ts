/**
 * @file Asks an endpoint that speaks OpenAI's chat protocol, as vLLM, llama.cpp, Ollama and most
 *   providers do. Answers have the form of a JSON schema.
 */

import { z } from "zod";
import { ConcordError, messageOf } from "../../errors.ts";
import { HttpClient } from "../http/client.ts";
import type { AccessToken } from "../http/credentials.ts";
import { HttpStatusError, persistently, TransientError } from "../http/retry.ts";
import type { DatasetOptions } from "../options.ts";

/** Who is asked, and how. */
export type ChatOptions = Pick<
  DatasetOptions,
  "requestsPerSecond" | "stallMs" | "userAgent" | "timing" | "signal" | "fetch" | "onEvent"
> & {
  /** Base of the API, such as `https://api.openai.com/v1`; `chat/completions` is asked below it. */
  readonly endpoint: URL;
  /** As the endpoint names it. */
  readonly model: string;
  /** Sent to the endpoint's origin alone; undefined for servers without accounts. */
  readonly key?: AccessToken | undefined;
  /** Attempts in a row before a question is given up; default 5. */
  readonly attempts?: number;
};

/** A question. */
export interface Question {
  /** What the model is to do. */
  readonly system: string;
  readonly user: string;
  /** JSON schema of the answer, and its name. */
  readonly schema: { readonly name: string; readonly schema: object };
  readonly maxTokens: number;
  /** Asks for so many alternatives to each token, where the endpoint has them. */
  readonly topLogprobs?: number;
}

/** Alternatives to one token of an answer, with natural log-probabilities. */
export interface TokenChoice {
  readonly token: string;
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

/** What a model answered. */
export interface ChatAnswer {
  readonly text: string;
  /** Tokens that were paid for; undefined where the endpoint does not count. */
  readonly usage?: { readonly prompt: number; readonly completion: number } | undefined;
  /** By token of the answer, where the endpoint gives log-probabilities. */
  readonly choices?: readonly TokenChoice[] | undefined;
}

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullable() }),
        logprobs: z
          .object({
            content: z
              .array(
                z.object({
                  token: z.string(),
                  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

async function textOf(chunks: AsyncGenerator<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}

/** What the endpoint said, on one line. */
function shortly(said: string): string {
  const text = said.replace(/\s+/g, " ").trim();
  return text === "" ? "" : `: ${text.slice(0, 300)}`;
}

/** Asks one model. */
export class Chat {
  readonly #options: ChatOptions;
  readonly #client: HttpClient;
  readonly #url: URL;

  /** @throws {ConcordError} `argument/invalid` when a key would travel in the clear. */
  constructor(options: ChatOptions) {
    const { endpoint, key } = options;
    const root = new URL(endpoint.href.endsWith("/") ? endpoint.href : `${endpoint.href}/`);
    this.#options = options;
    this.#url = new URL("chat/completions", root);
    this.#client = new HttpClient(root, {
      ...options,
      ...(key ? { credentials: key } : {}),
      requestsPerSecond: options.requestsPerSecond ?? Number.POSITIVE_INFINITY,
      refused: (url, wasSent) =>
        new ConcordError(
          "network/failed",
          `${url.origin} ${wasSent ? "refused the key" : "asks for a key"}.`,
          { hint: "Set CONCORD_LLM_KEY to a key of this endpoint." },
        ),
    });
  }

  /**
   * Asks, and asks again after failures that may pass.
   *
   * @throws {ConcordError} `network/failed` when the endpoint cannot be reached, refuses, or
   *   answers something that is not the protocol; `interrupted`.
   */
  async ask(question: Question): Promise<ChatAnswer> {
    const { attempts = 5, timing, signal, onEvent, model } = this.#options;
    const policy = { attempts, delayMs: 1000, timing, signal, onEvent };
    return persistently(`ask ${model}`, () => this.#once(question), policy);
  }

  async #once({ system, user, schema, maxTokens, topLogprobs }: Question): Promise<ChatAnswer> {
    const body = JSON.stringify({
      model: this.#options.model,
      messages: [
        { role: "system", content: system },
        { role: "user", content: user },
      ],
      temperature: 0,
      max_tokens: maxTokens,
      response_format: { type: "json_schema", json_schema: { ...schema, strict: true } },
      ...(topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: topLogprobs }),
    });
    const said = await this.#send(body);
    let json: unknown;
    try {
      json = JSON.parse(said);
    } catch (cause) {
      throw new TransientError(`the answer is not JSON (${messageOf(cause)})`, { cause });
    }
    const parsed = answerSchema.safeParse(json);
    if (!parsed.success)
      throw new TransientError(`the answer is not of the chat protocol${shortly(said)}`);
    const { choices, usage } = parsed.data;
    const [{ message, logprobs }] = choices as [(typeof choices)[number]];
    return {
      text: message.content ?? "",
      usage: usage
        ? { prompt: usage.prompt_tokens, completion: usage.completion_tokens }
        : undefined,
      choices: logprobs?.content?.map(({ token, top_logprobs: top }) => ({ token, top })),
    };
  }

  async #send(body: string): Promise<string> {
    try {
      const answer = await this.#client.open(this.#url, { method: "POST", body, mayLeave: false });
      return await textOf(answer.chunks());
    } catch (error) {
      if (!(error instanceof HttpStatusError)) throw error;
      const { status, said } = error;
      throw new ConcordError(
        "network/failed",
        `${this.#url.href} refused with HTTP ${status}${shortly(said)}.`,
        {
          hint:
            status === 404
              ? "Check the endpoint (it ends in /v1 for most servers) and the model's name."
              : "Check the model's name, and whether the server knows response_format json_schema.",
        },
      );
    }
  }
}
