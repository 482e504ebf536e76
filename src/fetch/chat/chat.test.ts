import { expect, test } from "vitest";
import { fakeFetch } from "../../../test/support/fake-fetch.ts";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import { Chat } from "./chat.ts";

const QUESTION = {
  system: "s",
  user: "u",
  schema: { name: "n", schema: { type: "object" } },
  maxTokens: 9,
};
const ENDPOINT = new URL("https://llm.example/v1");

const answered = (content: string, more: object = {}) =>
  Response.json({ choices: [{ message: { content }, ...more }], usage: null });

function chat(network: ReturnType<typeof fakeFetch>, more: object = {}) {
  const timing = fakeTiming();
  const options = { endpoint: ENDPOINT, model: "m", timing, fetch: network.fetch, ...more };
  return { timing, chat: new Chat(options) };
}

test("a question goes to the endpoint with its schema, and the key with it", async () => {
  const bodies: unknown[] = [];
  const network = fakeFetch(
    Response.json({
      choices: [
        {
          message: { content: '{"a":1}' },
          logprobs: { content: [{ token: "1", top_logprobs: [{ token: "1", logprob: -0.1 }] }] },
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    }),
  );
  const seeing: typeof fetch = (url, init) => {
    bodies.push(JSON.parse(String(init?.body)));
    return network.fetch(url, init);
  };
  const asked = chat(network, { key: { token: "sk-1" }, fetch: seeing });
  expect(await asked.chat.ask({ ...QUESTION, topLogprobs: 5 })).toEqual({
    text: '{"a":1}',
    usage: { prompt: 3, completion: 2 },
    choices: [{ token: "1", top: [{ token: "1", logprob: -0.1 }] }],
  });
  const [{ url, method, headers }] = network.requests as [(typeof network.requests)[0]];
  expect([method, url]).toEqual(["POST", "https://llm.example/v1/chat/completions"]);
  expect(headers).toMatchObject({
    authorization: "Bearer sk-1",
    "content-type": "application/json",
  });
  expect(bodies[0]).toMatchObject({
    model: "m",
    temperature: 0,
    max_tokens: 9,
    logprobs: true,
    top_logprobs: 5,
    response_format: { type: "json_schema", json_schema: { name: "n", strict: true } },
  });
});

test("limits of rate, failures and answers of another form are waited for", async () => {
  const limited = new Response(null, { status: 429, headers: { "retry-after": "7" } });
  const network = fakeFetch(
    limited,
    new Response(null, { status: 503 }),
    new Response("<html>"),
    Response.json({ error: "busy" }),
    answered("yes"),
  );
  const { chat: asked, timing } = chat(network);
  expect(await asked.ask(QUESTION)).toMatchObject({ text: "yes" });
  expect(timing.sleeps[0]).toBe(7000);
  expect(timing.sleeps).toHaveLength(4);
});

test("an endpoint that stays down is given up in one line", async () => {
  const network = fakeFetch(
    ...Array.from({ length: 5 }, () => new Response(null, { status: 500 })),
  );
  await expect(chat(network).chat.ask(QUESTION)).rejects.toMatchObject({
    code: "network/failed",
    message: "Cannot ask m: the server answered HTTP 500.",
  });
});

test.each([
  [400, '{"error":{"message":"no such\\nmodel"}}', /refused with HTTP 400: .*no such.*model/],
  [404, "", /chat\/completions refused with HTTP 404\.$/],
])(
  "a refusal of HTTP %i says what the server said, and is not repeated",
  async (status, body, message) => {
    const network = fakeFetch(new Response(body, { status }));
    await expect(chat(network).chat.ask(QUESTION)).rejects.toThrow(message);
    expect(network.requests).toHaveLength(1);
  },
);

test("a key that is refused, or lacking, is said without it", async () => {
  const refused = () => fakeFetch(new Response(null, { status: 401 }));
  const key = { token: "sk-secret" };
  const error = await chat(refused(), { key })
    .chat.ask(QUESTION)
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ message: "https://llm.example refused the key." });
  expect(JSON.stringify(error)).not.toContain("sk-secret");
  await expect(chat(refused()).chat.ask(QUESTION)).rejects.toThrow("asks for a key");
});

test("a key does not travel in the clear, and no question to another server", async () => {
  const open = { endpoint: new URL("http://llm.example/v1"), key: { token: "k" } };
  expect(() => chat(fakeFetch(), open)).toThrow("https");
  const elsewhere = new Response(null, { status: 307, headers: { location: "https://x.example" } });
  const network = fakeFetch(elsewhere);
  await expect(chat(network).chat.ask(QUESTION)).rejects.toThrow("it is redirected");
  expect(network.requests).toHaveLength(1);
});
