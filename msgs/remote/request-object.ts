import { AwsClient } from 'aws4fetch';
import { MessageError } from '../errors.js';
import { remoteError } from './remote-error.js';
import { isRemote, parseS3, shownUrl } from './remote-url.js';
import { type S3Settings, s3Address, s3Settings } from './s3-settings.js';

export interface ObjectRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Added to the address of `s3://...`: `uploadId=...`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Statuses that are an answer, beside 2xx. */
  readonly answers?: readonly number[];
  /** Whether the body is read piece by piece, however long that takes: only the wait for the answer is limited then. */
  readonly streamed?: boolean;
}

/** Tries beside the first, after waiting so long, ms, twice as long each time. */
export const RETRIES = 4;
const FIRST_WAIT_MS = 250;
/** For the whole of an answer, or for each piece of one that is streamed. */
export const TIMEOUT_MS = 120_000;

/**
 * Asks for something at `s3://`, `https://` or `http://`. What passes (a server that is busy, a connection that breaks) is
 * tried again.
 * @throws MessageError that says what the server refused and what to do.
 */
export async function requestObject(url: string, request: ObjectRequest = {}): Promise<Response> {
  if (!isRemote(url)) throw new MessageError(`expected a URL, got \`${shownUrl(url)}\``);
  const settings = /^s3:/i.test(url) ? s3Settings() : undefined;
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt === RETRIES;
    const response = await send(url, request, settings).catch((cause: Error) => {
      if (isLast) throw unreachable(url, cause);
      return undefined;
    });
    if (response !== undefined) {
      if (response.ok || request.answers?.includes(response.status)) return response;
      if (isLast || !isPassing(response)) throw await remoteError(url, response, settings);
      await response.body?.cancel();
    }
    await waitBeforeRetry(attempt);
  }
}

/** @param attempt counted from 0: each wait is twice as long as the one before. */
export async function waitBeforeRetry(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt));
}

function isPassing({ status }: Response): boolean {
  return status === 429 || status === 408 || status >= 500;
}

async function send(
  url: string,
  request: ObjectRequest,
  settings: S3Settings | undefined,
): Promise<Response> {
  if (!request.streamed) return await sendUntil(AbortSignal.timeout(TIMEOUT_MS), url, request, settings);
  const waiting = new AbortController();
  const timer = setTimeout(
    () => waiting.abort(new DOMException('no answer came', 'TimeoutError')),
    TIMEOUT_MS,
  );
  try {
    return await sendUntil(waiting.signal, url, request, settings);
  } finally {
    clearTimeout(timer);
  }
}

async function sendUntil(
  signal: AbortSignal,
  url: string,
  { method = 'GET', query, headers = {}, body }: ObjectRequest,
  settings: S3Settings | undefined,
): Promise<Response> {
  // A Uint8Array over an ArrayBuffer is a body; the types of fetch allow shared memory there, which none of ours is.
  const init = { method, headers, ...(body !== undefined && { body: body as string }) };
  if (settings === undefined) return await fetch(url, { ...init, signal });
  const { bucket, key } = parseS3(url);
  const address = `${s3Address(bucket, key, settings)}${query === undefined ? '' : `?${query}`}`;
  // Regions are told apart, not followed: a signature holds for one address. Only 301 and 307 of S3 itself come here.
  const plain = { ...init, redirect: 'manual' as const, signal };
  const { credentials, region } = settings;
  if (credentials === undefined) return await fetch(address, plain);
  const client = new AwsClient({ ...credentials, region, service: 's3', retries: 0 });
  const signed = await client.sign(address, init);
  return await fetch(address, { ...plain, headers: signed.headers });
}

function unreachable(url: string, cause: Error): MessageError {
  const why =
    cause.name === 'TimeoutError'
      ? `no answer within ${TIMEOUT_MS / 1000} s`
      : cause.cause instanceof Error && cause.cause.message !== ''
        ? cause.cause.message
        : cause.message;
  return new MessageError(`\`${shownUrl(url)}\` cannot be reached: ${why}`, { file: shownUrl(url), cause });
}
