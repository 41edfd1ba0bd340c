import { MessageError } from '../errors.js';
import { shownUrl } from './remote-url.js';
import type { S3Settings } from './s3-settings.js';

/** Longest answer that is read to find out what went wrong, characters. */
const LONGEST = 10_000;

/** What a server's refusal means, and what to do. @param settings of S3, where the URL is one of S3. */
export async function remoteError(
  url: string,
  response: Response,
  settings: S3Settings | undefined,
): Promise<MessageError> {
  const text = (await response.text().catch(() => '')).slice(0, LONGEST);
  const field = (name: string) => new RegExp(`<${name}>([^<]{1,300})</${name}>`).exec(text)?.[1];
  const code = field('Code');
  const said = [`HTTP ${response.status}`, code, field('Message')].filter((part) => part !== undefined);
  const hint = hintOf(response, code, settings, field('Region'));
  return new MessageError(
    `\`${shownUrl(url)}\`: ${said.join(', ')}${hint === undefined ? '' : `: ${hint}`}`,
    {
      file: shownUrl(url),
    },
  );
}

function hintOf(
  response: Response,
  code: string | undefined,
  settings: S3Settings | undefined,
  regionSaid: string | undefined,
): string | undefined {
  const region = response.headers.get('x-amz-bucket-region') ?? regionSaid;
  switch (code) {
    case 'RequestTimeTooSkewed':
      return (
        `the clocks differ: it is ${new Date().toISOString()} here, and ` +
        `${response.headers.get('date') ?? 'another time'} at the server; set the clock of this machine`
      );
    case 'SignatureDoesNotMatch':
      return 'the secret does not fit the key: check AWS_SECRET_ACCESS_KEY';
    case 'InvalidAccessKeyId':
      return 'there is no such key: check AWS_ACCESS_KEY_ID';
    case 'ExpiredToken':
    case 'InvalidToken':
      return 'the temporary credentials are over: renew AWS_SESSION_TOKEN and the two beside it';
    case 'NoSuchBucket':
      return 'there is no such bucket';
    case 'NoSuchKey':
      return 'there is no such object: check the key, capitals too';
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'IllegalLocationConstraintException':
      return `AWS_REGION is \`${settings?.region ?? 'not set'}\`, expected ${region === undefined ? 'that of the bucket' : `\`${region}\``}`;
  }
  switch (response.status) {
    case 301:
      return region === undefined ? 'it lies elsewhere' : `AWS_REGION: expected \`${region}\``;
    case 401:
      return 'it asks for a login';
    case 403:
      return settings !== undefined && settings.credentials === undefined
        ? 'no credentials are set, and it is not public: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY name them'
        : 'these credentials may not do that, or there is no such object';
    case 404:
      return 'there is no such file';
    case 412:
      return 'it was changed while it was read; try again';
    default:
      return undefined;
  }
}
