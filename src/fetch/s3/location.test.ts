import { describe, expect, test } from "vitest";
import {
  accountFrom,
  bucketRoot,
  parseS3Location,
  type S3Variable,
  showLocation,
} from "./location.ts";

test.each([
  ["s3://lab", { bucket: "lab", prefix: "" }, "s3://lab"],
  ["s3://lab/", { bucket: "lab", prefix: "" }, "s3://lab"],
  ["s3://my.lab/mfr/2026/", { bucket: "my.lab", prefix: "mfr/2026/" }, "s3://my.lab/mfr/2026"],
])("%s is a store", (text, location, shown) => {
  expect(parseS3Location(text)).toEqual(location);
  expect(showLocation(location)).toBe(shown);
});

test.each([
  "lab",
  "s3://",
  "s3:///x",
  "s3://Lab",
  "s3://lab/../x",
  "s3://lab//x",
  "s3://lab/a b",
  "http://lab",
])("%s is not", (text) => {
  expect(() => parseS3Location(text)).toThrow("Expected an object store as s3://bucket/prefix");
});

test("Amazon has a host per bucket, others a folder", () => {
  const root = (endpoint: string, bucket = "lab") =>
    bucketRoot({ endpoint: new URL(endpoint) }, bucket).href;
  expect(root("https://s3.eu-1.amazonaws.com")).toBe("https://lab.s3.eu-1.amazonaws.com/");
  expect(root("https://s3.eu-1.amazonaws.com", "a.b")).toBe("https://s3.eu-1.amazonaws.com/a.b/");
  expect(root("http://store:9000/x")).toBe("http://store:9000/x/lab/");
});

describe("an account", () => {
  const from = (variables: Partial<Record<S3Variable, string>>) =>
    accountFrom((name) => variables[name]);
  const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "word" };

  test("comes from the variables of Amazon's programs", () => {
    expect(from(keys)).toMatchObject({
      region: "us-east-1",
      accessKeyId: "id",
      secretAccessKey: "word",
    });
    expect(from({ ...keys, AWS_REGION: "eu-1" }).endpoint.href).toBe(
      "https://s3.eu-1.amazonaws.com/",
    );
    expect(from({ ...keys, AWS_ENDPOINT_URL: "http://a:1", AWS_SESSION_TOKEN: "t" })).toMatchObject(
      {
        endpoint: new URL("http://a:1"),
        sessionToken: "t",
      },
    );
  });

  test.each([
    [{}, "Expected AWS_ACCESS_KEY_ID for an object store, but it is not set."],
    [{ AWS_ACCESS_KEY_ID: "id" }, "Expected AWS_SECRET_ACCESS_KEY for an object store"],
    [
      { ...keys, AWS_SECRET_ACCESS_KEY: "two words" },
      "Expected AWS_SECRET_ACCESS_KEY without spaces",
    ],
    [
      { ...keys, AWS_ENDPOINT_URL: "store:9000" },
      "Expected a region for AWS_REGION and an http or https",
    ],
  ])("that is incomplete is refused, and not shown (%#)", (variables, message) => {
    expect(() => from(variables)).toThrow(message);
    expect(() => from(variables)).not.toThrow("two words");
  });
});
