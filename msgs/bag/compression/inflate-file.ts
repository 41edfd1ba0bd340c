import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Decompress } from 'fzstd';
import { MCAP_MAGIC } from '../mcap/mcap-records.js';
import type { ReadBudget } from '../read-budget.js';
import { ZstdSplitter } from './zstd-splitter.js';

/** What MCAP and SQLite files begin with: what else is packed need not be unpacked to know that it is no bag. */
const BAG_STARTS: readonly Uint8Array[] = [MCAP_MAGIC, Buffer.from('SQLite format 3\0')];

/**
 * Streams `from` through zstd into `to`, a block of at most 128 kB at a time.
 * @returns what is wrong with `from`, if anything, with all before it written.
 */
export async function inflateFile(from: string, to: string, budget: ReadBudget): Promise<string | undefined> {
  const output = createWriteStream(to);
  const written = finished(output);
  written.catch(() => undefined);
  const damage = await inflateInto(from, output, written, budget);
  output.end();
  await written;
  return damage;
}

async function inflateInto(
  from: string,
  output: ReturnType<typeof createWriteStream>,
  written: Promise<void>,
  budget: ReadBudget,
): Promise<string | undefined> {
  let unpackedBytes = 0;
  const zstd = new Decompress((bytes) => {
    if (unpackedBytes === 0 && bytes.length > 0 && !BAG_STARTS.some((start) => startsWith(bytes, start)))
      throw new RangeError('what it unpacks to is no bag');
    unpackedBytes += bytes.length;
    output.write(bytes);
  });
  const splitter = new ZstdSplitter();
  try {
    for await (const piece of createReadStream(from, { highWaterMark: 256 << 10 })) {
      for (const { bytes, work } of splitter.push(new Uint8Array(piece as Buffer))) {
        if (!budget.spend(work))
          return `it unpacks to more than the budget of its size; the first ${unpackedBytes} bytes are taken`;
        zstd.push(bytes, false);
        if (output.errored) return undefined;
        if (output.writableNeedDrain) await Promise.race([once(output, 'drain'), written]);
      }
    }
    const { rest } = splitter;
    zstd.push(rest, true);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.subarray(0, bytes.length).every((byte, at) => bytes[at] === byte);
}
