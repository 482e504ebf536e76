/** @file Where an object store is: `s3://bucket/prefix`, and the server that has the bucket. */

import { ConfigError } from "../../errors.ts";

/** A bucket, and the beginning of all keys in it that are ours. */
export interface S3Location {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/** Who asks, and which server. */
export interface S3Account {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that are lent for a while. */
  readonly sessionToken?: string | undefined;
}

/** Names of buckets, as Amazon's rules have them. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What every server takes in a key without escapes. */
const SEGMENT = /^[\w.=+@-]+$/;

/**
 * A store as it is typed.
 *
 * @example parseS3Location("s3://lab/mfr") // { bucket: "lab", prefix: "mfr/" }
 * @throws {ConfigError} for anything that is not `s3://bucket` or `s3://bucket/prefix`.
 */
export function parseS3Location(text: string): S3Location {
  const [, bucket = "", rest = ""] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
  const prefix = rest.replace(/\/$/, "");
  const segments = prefix === "" ? [] : prefix.split("/");
  const isPlain = segments.every((part) => SEGMENT.test(part) && !/^\.+$/.test(part));
  if (!BUCKET.test(bucket) || !isPlain)
    throw new ConfigError(
      `Expected an object store as s3://bucket/prefix but received ${JSON.stringify(text).slice(0, 120)}.`,
      { hint: "The server and the keys come from AWS_ENDPOINT_URL and AWS_ACCESS_KEY_ID." },
    );
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** A store as it is shown to people. */
export function showLocation({ bucket, prefix }: S3Location): string {
  return `s3://${bucket}/${prefix}`.replace(/\/$/, "");
}

/**
 * The address below which the keys of a bucket lie. Amazon has a host per bucket; others, and names
 * with dots, which its certificates do not cover, have the bucket as the first folder.
 */
export function bucketRoot({ endpoint }: Pick<S3Account, "endpoint">, bucket: string): URL {
  const root = new URL(endpoint.href.endsWith("/") ? endpoint.href : `${endpoint.href}/`);
  if (/\.amazonaws\.com(\.cn)?$/.test(root.hostname) && !bucket.includes("."))
    root.hostname = `${bucket}.${root.hostname}`;
  else root.pathname += `${bucket}/`;
  return root;
}

/**
 * The account that environment variables give, under the names that Amazon's own programs read.
 *
 * @param variable The value of a variable; undefined when it is not set.
 * @throws {ConfigError} naming the variable that is missing or wrong; never what it holds.
 */
export function accountFrom(variable: (name: S3Variable) => string | undefined): S3Account {
  const required = (name: S3Variable): string => {
    const value = variable(name);
    if (value !== undefined && /^[\x21-\x7e]+$/.test(value)) return value;
    throw new ConfigError(
      value === undefined
        ? `Expected ${name} for an object store, but it is not set.`
        : `Expected ${name} without spaces and control characters.`,
      { hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of the store." },
    );
  };
  const region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? "us-east-1";
  const address =
    variable("AWS_ENDPOINT_URL_S3") ??
    variable("AWS_ENDPOINT_URL") ??
    `https://s3.${region}.amazonaws.com`;
  const endpoint = URL.canParse(address) ? new URL(address) : undefined;
  if (!/^[\w-]+$/.test(region) || !endpoint || !/^https?:$/.test(endpoint.protocol))
    throw new ConfigError(
      "Expected a region for AWS_REGION and an http or https address for AWS_ENDPOINT_URL.",
      { hint: "For example AWS_ENDPOINT_URL=http://store.lab:9000 and AWS_REGION=us-east-1." },
    );
  return {
    endpoint,
    region,
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
    sessionToken: variable("AWS_SESSION_TOKEN"),
  };
}

/** The environment variables of an object store. */
export type S3Variable =
  | "AWS_ACCESS_KEY_ID"
  | "AWS_SECRET_ACCESS_KEY"
  | "AWS_SESSION_TOKEN"
  | "AWS_REGION"
  | "AWS_DEFAULT_REGION"
  | "AWS_ENDPOINT_URL"
  | "AWS_ENDPOINT_URL_S3";
