import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MessageError } from '../errors.js';
import { shownUrl } from './remote-url.js';
import { requestObject } from './request-object.js';

export interface Downloaded {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/**
 * Reads a whole object in pieces.
 * @param most bytes; a longer one is refused.
 * @param onPiece is awaited.
 * @throws MessageError when it cannot be read, breaks off, or is too long.
 */
export async function streamObject(
  url: string,
  most: number,
  onPiece: (piece: Uint8Array) => Promise<void> | void,
): Promise<Downloaded> {
  const response = await requestObject(url);
  const hash = createHash('sha256');
  let bytes = 0;
  const announced =
    response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null;
  const about = { file: shownUrl(url) };
  try {
    // The types of fetch's streams leave out that Node's can be iterated.
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > most) throw new MessageError(`\`${shownUrl(url)}\` has more than ${most} bytes`, about);
      hash.update(piece);
      await onPiece(piece);
    }
  } catch (cause) {
    if (cause instanceof MessageError || (cause as NodeJS.ErrnoException).code === 'ENOSPC') throw cause;
    throw new MessageError(
      `\`${shownUrl(url)}\` broke off after ${bytes} bytes: ${(cause as Error).message}`,
      {
        ...about,
        cause,
      },
    );
  }
  if (announced !== null && bytes !== Number(announced))
    throw new MessageError(`\`${shownUrl(url)}\` broke off: ${bytes} of ${announced} bytes came`, about);
  return { bytes, sha256: hash.digest('hex') };
}

/** Downloads an object into a new file, which is on the disk then. @param most bytes. */
export async function downloadObject(
  url: string,
  file: string,
  most = Number.POSITIVE_INFINITY,
): Promise<Downloaded> {
  const handle = await open(file, 'wx');
  try {
    const result = await streamObject(url, most, async (piece) => {
      await handle.writeFile(piece);
    });
    await handle.sync();
    return result;
  } finally {
    await handle.close();
  }
}
