import { expect, test } from "vitest";
import { s3Signer } from "./signer.ts";

/** "GET Bucket Lifecycle" in "Signature Calculations for the Authorization Header" of Amazon S3. */
test("a request is signed as Amazon's documentation shows", async () => {
  const sign = await s3Signer(
    {
      endpoint: new URL("https://s3.amazonaws.com"),
      region: "us-east-1",
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    () => new Date("2013-05-24T00:00:00Z"),
  );
  const url = new URL("https://examplebucket.s3.amazonaws.com/?lifecycle");
  const headers = await sign(url, { method: "GET", headers: undefined, body: undefined });
  expect(headers["authorization"]).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  );
});
