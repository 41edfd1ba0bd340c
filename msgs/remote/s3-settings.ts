import { MessageError } from '../errors.js';

/** How an S3-compatible store is reached, by the environment variables that AWS's own tools read. */
export interface S3Settings {
  /** Endpoint of another store than AWS, without a slash at the end. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Undefined: requests are not signed, as for public buckets. */
  readonly credentials:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | undefined;
}

/**
 * Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` or `AWS_DEFAULT_REGION`, and
 * `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`.
 * Source: AWS SDKs and Tools Reference Guide, environment variables.
 * @throws MessageError naming the variable that is missing or wrong.
 */
export function s3Settings(environment: Readonly<NodeJS.ProcessEnv> = process.env): S3Settings {
  const read = (...names: readonly string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const endpoint = read('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL')?.replace(/\/+$/, '');
  if (endpoint !== undefined && !/^https?:\/\/[^/]+/i.test(endpoint)) {
    throw new MessageError(`AWS_ENDPOINT_URL: expected \`http(s)://HOST[:PORT]\`, got \`${endpoint}\``, {
      field: 'AWS_ENDPOINT_URL',
    });
  }
  const region =
    read('AWS_REGION', 'AWS_DEFAULT_REGION') ?? (endpoint === undefined ? undefined : 'us-east-1');
  if (region === undefined) {
    throw new MessageError(
      's3: no region is set: AWS_REGION names that of the bucket, for instance `eu-central-1`; for another store than AWS ' +
        'set AWS_ENDPOINT_URL',
      { field: 'AWS_REGION' },
    );
  }
  const accessKeyId = read('AWS_ACCESS_KEY_ID');
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY');
  const sessionToken = read('AWS_SESSION_TOKEN');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    const missing = accessKeyId === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY';
    throw new MessageError(`s3: ${missing} is not set, but the other half of the credentials is`, {
      field: missing,
    });
  }
  return {
    ...{ endpoint, region },
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  };
}

/** Address of an object: by path at an endpoint and for buckets with dots, by host name at AWS. */
export function s3Address(bucket: string, key: string, { endpoint, region }: S3Settings): string {
  const path = key.split('/').map(encodeKey).join('/');
  if (endpoint !== undefined) return `${endpoint}/${bucket}/${path}`;
  return bucket.includes('.')
    ? `https://s3.${region}.amazonaws.com/${bucket}/${path}`
    : `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
}

/** As signatures of S3 ask for: everything but letters, digits, `-`, `_`, `.` and `~`. */
function encodeKey(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
