import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** A tEXt chunk's content: keyword, zero, text. Source: PNG (third edition), 11.3.3.2 tEXt. */
const MARK = Buffer.from('Software\0rxdepth', 'latin1');
/** Signature and IHDR come first in every PNG file. */
const HEAD_BYTES = 8 + 12 + 13;
const CHUNK = chunk('tEXt', MARK);

/** The same PNG file, marked as this project's: only such are ever replaced. */
export function marked(png: Uint8Array): Uint8Array {
  return Buffer.concat([png.subarray(0, HEAD_BYTES), CHUNK, png.subarray(HEAD_BYTES)]);
}

/** Whether a file is a picture that this project wrote; false where there is none. */
export async function isOwnPng(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const length = HEAD_BYTES + CHUNK.length;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return bytesRead === length && buffer.subarray(HEAD_BYTES).equals(CHUNK);
  } catch {
    return false; // a folder
  } finally {
    await handle.close();
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}
