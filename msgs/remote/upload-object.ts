import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MessageError } from '../errors.js';
import { shownUrl } from './remote-url.js';
import { RETRIES, requestObject, waitBeforeRetry } from './request-object.js';

/** Least size of a part but the last, bytes, and the most parts. Source: Amazon S3 multipart upload limits (5 MiB, 10,000). */
const PART_BYTES = 8 << 20;
const MOST_PARTS = 9000;
/** What passes, though the status is 200. Source: Amazon S3 API, CompleteMultipartUpload and error responses. */
const PASSING = ['InternalError', 'ServiceUnavailable', 'SlowDown'];
/** Dates of HTTP are whole seconds, and a store has many clocks. */
const CLOCKS_MS = 5000;

/**
 * Uploads a file to `s3://bucket/key`. The object is there complete, or not at all. A small file goes in one request, a large
 * one in parts that become the object together.
 * @param partBytes of large files; for tests.
 * @throws MessageError when it cannot be written; parts that were sent are given up then.
 */
export async function uploadObject(file: string, url: string, partBytes = PART_BYTES): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.max(partBytes, Math.ceil(size / MOST_PARTS));
    const read = async (from: number) => {
      const part = Buffer.alloc(Math.min(length, size - from));
      for (let filled = 0; filled < part.length; ) {
        const { bytesRead } = await handle.read(part, filled, part.length - filled, from + filled);
        if (bytesRead === 0)
          throw new MessageError(`\`${file}\` became shorter while it was uploaded`, { file });
        filled += bytesRead;
      }
      return part;
    };
    if (size <= length) await put(url, await read(0));
    else await uploadParts(url, size, length, read);
  } finally {
    await handle.close();
  }
}

async function uploadParts(
  url: string,
  size: number,
  length: number,
  read: (from: number) => Promise<Buffer>,
): Promise<void> {
  const started = await requestObject(url, { method: 'POST', query: 'uploads=' });
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await started.text())?.[1];
  if (id === undefined) throw new MessageError(`\`${shownUrl(url)}\`: the store began no upload in parts`);
  const upload = `uploadId=${encodeURIComponent(id)}`;
  try {
    const tags: string[] = [];
    for (let from = 0; from < size; from += length)
      tags.push(await put(url, await read(from), `partNumber=${tags.length + 1}&${upload}`));
    const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const startedMs = Date.parse(started.headers.get('date') ?? '');
    await putTogether(url, upload, body).catch(async (error: unknown) => {
      // Where only the answer was lost, asking again is refused: the upload is over, and the object is there.
      if (!(await isThere(url, size, startedMs).catch(() => false))) throw error;
    });
  } catch (error) {
    // What was sent costs money until it is given up; that it cannot be is not the error.
    await requestObject(url, { method: 'DELETE', query: upload }).catch(() => undefined);
    throw error;
  }
}

async function putTogether(url: string, upload: string, body: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answer = await (await requestObject(url, { method: 'POST', query: upload, body })).text();
    // The store answers 200 before it knows. Source: Amazon S3 API, CompleteMultipartUpload.
    const refused = /<Error>.*?<Code>([^<]+)/s.exec(answer)?.[1];
    if (refused === undefined) return;
    if (attempt === RETRIES || !PASSING.includes(refused))
      throw new MessageError(`\`${shownUrl(url)}\`: the store did not put the parts together: ${refused}`);
    await waitBeforeRetry(attempt);
  }
}

/** Whether an object has this size, and is not one from before the upload. @param startedMs NaN: unknown. */
async function isThere(url: string, size: number, startedMs: number): Promise<boolean> {
  const response = await requestObject(url, { headers: { range: 'bytes=0-0' } });
  await response.body?.cancel();
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const isEarlier = Date.parse(response.headers.get('last-modified') ?? '') < startedMs - CLOCKS_MS;
  return Number(total) === size && !isEarlier;
}

/** @returns the ETag. */
async function put(url: string, body: Buffer, query?: string): Promise<string> {
  const headers = { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') };
  const response = await requestObject(url, {
    ...{ method: 'PUT', headers, body },
    ...(query !== undefined && { query }),
  });
  await response.body?.cancel();
  const tag = response.headers.get('etag');
  if (tag === null) throw new MessageError(`\`${shownUrl(url)}\`: the store confirmed no content`);
  return tag;
}
