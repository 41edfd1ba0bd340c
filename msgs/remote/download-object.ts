import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MessageError } from '../errors.js';
import { shownUrl } from './remote-url.js';
import { requestObject, TIMEOUT_MS } from './request-object.js';

export interface Downloaded {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/**
 * Reads a whole object in pieces. It may take as long as it likes, as long as something comes.
 * @param most bytes; a longer one is refused.
 * @param onPiece is awaited.
 * @param silenceMs how long nothing may come.
 * @throws MessageError when it cannot be read, breaks off, falls silent, or is too long.
 */
export async function streamObject(
  url: string,
  most: number,
  onPiece: (piece: Uint8Array) => Promise<void> | void,
  silenceMs = TIMEOUT_MS,
): Promise<Downloaded> {
  const response = await requestObject(url, { streamed: true });
  const hash = createHash('sha256');
  let bytes = 0;
  const announced =
    response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null;
  const about = { file: shownUrl(url) };
  try {
    for await (const piece of piecesOf(response.body, silenceMs)) {
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

/** @throws Error when nothing comes for so long; the connection is given up then, and also where the reader leaves early. */
async function* piecesOf(body: Response['body'], silenceMs: number): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
      });
      const next = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a connection that says nothing may not even tell that it is closed.
    reader.cancel().catch(() => undefined);
  }
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
