import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MessageError } from '../errors.js';
import { isRemote } from '../remote/remote-url.js';
import { AnnouncedBag } from './announced-bag.js';
import { type BagMetadata, MAX_METADATA_BYTES, parseBagMetadata } from './bag-metadata.js';
import type { BagReader } from './bag-reader.js';
import { InflatedBag } from './compression/inflated-bag.js';
import { MessageInflater } from './compression/message-inflater.js';
import { McapBag } from './mcap/mcap-bag.js';
import { openRemoteBag } from './open-remote-bag.js';
import { ProblemLog } from './problem-log.js';
import { type ReadLimits, readLimits } from './read-budget.js';
import { refuseRos1Bag } from './refuse-ros1-bag.js';
import { SplitBag } from './split-bag.js';
import { SqliteBag } from './sqlite/sqlite-bag.js';
import { toldProblems } from './told-problems.js';
import { isVideo, VideoBag } from './video-bag.js';

const EXPECTED = 'a `.mcap` or `.db3` file (or one with `.zstd` at the end), or a folder with such files';
const BAG_FILE = /\.(mcap|db3)(\.zstd)?$/;

/** How to open a bag. */
export interface OpenBagOptions {
  /** `images` (default): topics of H.264 and H.265 read as sensor_msgs/Image; `packets`: as they were recorded. */
  readonly video?: 'images' | 'packets';
}

/**
 * Opens a recorded bag: an MCAP or SQLite file, or a bag folder. The folder may lack `metadata.yaml`, be split or be
 * compressed. Close the bag after use. Damage in a bag is no error: it appears in `problems`.
 * @param path of the file or folder; or a URL (`s3://`, `http://` or `https://`), which is read in parts as they are needed
 * @throws MessageError if there is no bag, or the file is of another kind.
 */
export async function openBag(path: string, { video = 'images' }: OpenBagOptions = {}): Promise<BagReader> {
  const log = new ProblemLog();
  const bag = await openRecorded(path, log);
  return video === 'images' && bag.topics.some(isVideo) ? new VideoBag(bag, log) : bag;
}

async function openRecorded(path: string, log: ProblemLog): Promise<BagReader> {
  if (isRemote(path)) return await openRemoteBag(path, log, { openFile, expected: EXPECTED });
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or folder' : String(cause);
    throw new MessageError(`cannot open the bag \`${path}\`: ${reason}; expected ${EXPECTED}`, { cause });
  }
  if (!isFolder) {
    const storedBytes = (await stat(path)).size;
    return await MessageInflater.create(await openFile(path, log, readLimits()), log, {
      isDeclared: undefined,
      storedBytes,
    });
  }

  const names = await readdir(path);
  const metadata = names.includes('metadata.yaml')
    ? await readMetadata(join(path, 'metadata.yaml'), log)
    : undefined;
  const files = bagFiles(path, names, metadata, log);
  if (files.length === 0) {
    for (const name of names.filter((other) => other.endsWith('.bag'))) await refuseRos1Bag(join(path, name));
    const bags = await bagsIn(path, names);
    const advice =
      bags.length === 0
        ? ''
        : `; \`${bags[0]}\`${bags.length > 1 ? ' is a bag, as others are' : ' is a bag'}`;
    throw new MessageError(
      `no bag in the folder \`${path}\`: expected ${EXPECTED}, ${found(names)}${advice}${toldProblems(log.problems)}`,
    );
  }

  const parts = await openParts(files, log);
  const bag = new SplitBag(path, parts, log);
  const isDeclared = metadata && metadata.compression === 'message';
  if (isDeclared && metadata.compressionFormat !== 'zstd') {
    await bag.close();
    throw new MessageError(
      `\`${path}\`: messages are compressed as \`${metadata.compressionFormat}\`, expected \`zstd\``,
      { file: path },
    );
  }
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const storedBytes = sizes.reduce((sum, size) => sum + size, 0);
  const inflated = await MessageInflater.create(bag, log, { isDeclared, storedBytes });
  return metadata === undefined ? inflated : new AnnouncedBag(inflated, log, metadata.messageCounts);
}

/** Extensions of recordings that are no bags, but are often at hand. */
const VIDEO_FILE = /\.(mp4|m4v|mov|mkv|webm|avi|h26[45]|hevc|ts|mpe?g)$/i;

async function openFile(path: string, log: ProblemLog, limits: ReadLimits): Promise<BagReader> {
  const { size } = await stat(path);
  if (size === 0)
    throw new MessageError(`\`${path}\` is empty (0 bytes): nothing was recorded; expected ${EXPECTED}`, {
      file: path,
    });
  await refuseRos1Bag(path);
  if (path.endsWith('.zstd')) return await InflatedBag.open(path, log, limits, openFile);
  if (path.endsWith('.db3')) return await SqliteBag.open(path, log);
  if (path.endsWith('.mcap')) return await McapBag.open(path, log, limits);
  const video = VIDEO_FILE.test(path)
    ? 'is a video file, which has neither stamps nor a camera_info; video is read from the topics of a bag'
    : 'is no bag';
  throw new MessageError(`\`${path}\` ${video}: expected ${EXPECTED}`, { file: path });
}

/** Opens every file that can be opened; throws the first error if none can. */
async function openParts(files: readonly string[], log: ProblemLog): Promise<BagReader[]> {
  const parts: BagReader[] = [];
  const limits = readLimits(files.length);
  let firstError: MessageError | undefined;
  for (const file of files) {
    try {
      parts.push(await openFile(file, log, limits));
    } catch (error) {
      if (!(error instanceof MessageError)) {
        for (const part of parts) await part.close();
        throw error;
      }
      firstError ??= error;
      log.add({ file, what: error.message, lost: 'the whole file' });
    }
  }
  if (parts.length === 0 && firstError !== undefined) throw firstError;
  return parts;
}

async function readMetadata(path: string, log: ProblemLog): Promise<BagMetadata | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_METADATA_BYTES)
      throw new MessageError(`\`${path}\` has ${size} bytes, expected at most ${MAX_METADATA_BYTES}`, {
        file: path,
      });
    return parseBagMetadata(await readFile(path, 'utf8'), path);
  } catch (error) {
    const what = error instanceof MessageError ? error.message : `cannot read \`${path}\`: ${String(error)}`;
    log.add({ file: path, what, lost: 'nothing; all bag files in the folder are read instead' });
    return undefined;
  }
}

/** The files that `metadata.yaml` lists, or else all bag files of the folder in natural order. */
function bagFiles(
  folder: string,
  names: readonly string[],
  metadata: BagMetadata | undefined,
  log: ProblemLog,
): string[] {
  const present = names.filter((name) => BAG_FILE.test(name)).sort(naturally);
  const chosen: string[] = [];
  for (const listed of metadata?.files ?? []) {
    const name = basename(listed);
    const match = [name, `${name}.zstd`, name.replace(/\.zstd$/, '')].find((candidate) =>
      present.includes(candidate),
    );
    if (match === undefined) {
      log.add({
        file: join(folder, name),
        what: 'listed in `metadata.yaml`, but missing',
        lost: 'the whole file',
      });
    } else if (!chosen.includes(match)) {
      chosen.push(match);
    }
  }
  return (chosen.length > 0 ? chosen : present).map((name) => join(folder, name));
}

function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Folders in a folder that bags lie in: people name the folder of all their drives. */
async function bagsIn(path: string, names: readonly string[]): Promise<string[]> {
  const bags: string[] = [];
  for (const name of names.slice(0, 8)) {
    const inside = await readdir(join(path, name)).catch(() => []);
    if (inside.some((file) => BAG_FILE.test(file))) bags.push(join(path, name));
  }
  return bags;
}

function found(names: readonly string[]): string {
  if (names.length === 0) return 'found nothing';
  const shown = names.slice(0, 8).map((name) => `\`${name}\``);
  return `found ${shown.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}
