import { describe, expect, test } from "vitest";
import { authorizationOf, isPrivate } from "./credentials.ts";

describe("an account", () => {
  test("with a name is sent as RFC 7617 has it, in UTF-8", () => {
    // The example of the RFC, and one beyond ASCII.
    expect(authorizationOf({ user: "Aladdin", password: "open sesame" })).toBe(
      "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    );
    expect(authorizationOf({ user: "test", password: "123£" })).toBe("Basic dGVzdDoxMjPCow==");
    expect(authorizationOf({ user: "a", password: "b:c" })).toBe(`Basic ${btoa("a:b:c")}`);
  });

  test("with a token is a bearer", () => {
    expect(authorizationOf({ token: "hf_abc" })).toBe("Bearer hf_abc");
  });

  test.each([
    { user: "a:b", password: "secret" },
    { user: "", password: "secret" },
    { user: "a\n", password: "secret" },
    { user: "a", password: "" },
    { user: "a", password: "secret\r\nX: y" },
    { token: "secret token" },
    { token: "secret\n" },
    { token: "" },
    { token: "sécret" },
  ])("that a header cannot carry is refused, and not shown (%#)", (account) => {
    expect(() => authorizationOf(account)).toThrow(
      /^Expected an? (access token|user name|password)/,
    );
    expect(() => authorizationOf(account)).toThrow(expect.not.stringMatching(/secret|sécret/));
  });
});

test.each([
  ["https://example.org/", true],
  ["http://example.org/", false],
  ["http://localhost:8080/x", true],
  ["http://127.0.0.1/", true],
  ["http://127.9.8.7/", true],
  ["http://[::1]/", true],
  ["http://127.0.0.1.example.org/", false],
  ["http://localhost.example.org/", false],
  ["ftp://localhost/", false],
])("whether others could read what goes to %s: %s", (url, isOurs) => {
  expect(isPrivate(new URL(url))).toBe(isOurs);
});
