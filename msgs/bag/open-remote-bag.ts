import { basename } from 'node:path';
import { MessageError } from '../errors.js';
import { RemoteFile } from '../remote/remote-file.js';
import { isRemote, remoteChild, remoteName, shownUrl } from '../remote/remote-url.js';
import { requestObject } from '../remote/request-object.js';
import { AnnouncedBag } from './announced-bag.js';
import { type BagMetadata, MAX_METADATA_BYTES, parseBagMetadata } from './bag-metadata.js';
import type { BagReader } from './bag-reader.js';
import { MessageInflater } from './compression/message-inflater.js';
import { DownloadedBag } from './downloaded-bag.js';
import { RandomAccessFile } from './files/random-access-file.js';
import { McapBag } from './mcap/mcap-bag.js';
import type { ProblemLog } from './problem-log.js';
import { type ReadLimits, readLimits } from './read-budget.js';
import { SplitBag } from './split-bag.js';

interface Around {
  /** Opens a bag file of the disk. */
  readonly openFile: (path: string, log: ProblemLog, limits: ReadLimits) => Promise<BagReader>;
  /** What a bag looks like, for messages. */
  readonly expected: string;
}

interface OpenFile {
  readonly bag: BagReader;
  readonly storedBytes: number;
}

const BAG_FILE = /\.(mcap|db3)(\.zstd)?$/;

/**
 * Opens a bag at `s3://`, `https://` or `http://`: a file, or a folder by its `metadata.yaml`. MCAP files are fetched in the parts
 * that are read, where the server serves parts; all others are downloaded into a temporary file first.
 * @throws MessageError when there is no bag, or it may not be read.
 */
export async function openRemoteBag(url: string, log: ProblemLog, around: Around): Promise<BagReader> {
  if (BAG_FILE.test(remoteName(url))) {
    const { bag, storedBytes } = await openOne(url, log, readLimits(), around);
    return await MessageInflater.create(bag, log, { isDeclared: undefined, storedBytes });
  }
  const metadata = await readMetadata(url, around);
  const parts: OpenFile[] = [];
  try {
    for (const file of metadata.files) {
      const part = isRemote(file) ? file : remoteChild(url, basename(file));
      const opened = await openPart(part, log, metadata, around);
      if (opened !== undefined) parts.push(opened);
    }
    if (parts.length === 0) {
      const why = log.problems[0]?.what ?? 'its `metadata.yaml` lists no files';
      throw new MessageError(`no bag at \`${shownUrl(url)}\`: ${why}`, { file: shownUrl(url) });
    }
    const isDeclared = metadata.compression === 'message';
    if (isDeclared && metadata.compressionFormat !== 'zstd') {
      throw new MessageError(
        `\`${shownUrl(url)}\`: messages are compressed as \`${metadata.compressionFormat}\`, expected \`zstd\``,
        { file: shownUrl(url) },
      );
    }
    const bag = new SplitBag(
      shownUrl(url),
      parts.map((part) => part.bag),
      log,
    );
    const storedBytes = parts.reduce((sum, part) => sum + part.storedBytes, 0);
    const inflated = await MessageInflater.create(bag, log, { isDeclared, storedBytes });
    return new AnnouncedBag(inflated, log, metadata.messageCounts);
  } catch (error) {
    for (const { bag } of parts) await bag.close();
    throw error;
  }
}

async function openOne(
  url: string,
  log: ProblemLog,
  limits: ReadLimits,
  { openFile }: Around,
): Promise<OpenFile> {
  const remote = remoteName(url).endsWith('.mcap') ? await RemoteFile.open(url) : undefined;
  if (remote === undefined)
    return await DownloadedBag.open(url, log, (path, copyLog) => openFile(path, copyLog, limits));
  if (remote.size === 0) {
    throw new MessageError(`\`${shownUrl(url)}\` is empty (0 bytes): nothing was recorded`, {
      file: shownUrl(url),
    });
  }
  return { bag: await McapBag.read(RandomAccessFile.remote(remote), log, limits), storedBytes: remote.size };
}

/** Undefined, and told in the log, where a part cannot be read. */
async function openPart(
  url: string,
  log: ProblemLog,
  { files }: BagMetadata,
  around: Around,
): Promise<OpenFile | undefined> {
  try {
    return await openOne(url, log, readLimits(files.length), around);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    log.add({ file: shownUrl(url), what: error.message, lost: 'the whole file' });
    return undefined;
  }
}

async function readMetadata(url: string, { expected }: Around): Promise<BagMetadata> {
  const place = remoteChild(url, 'metadata.yaml');
  const response = await requestObject(place, { answers: [404] });
  const shown = shownUrl(place);
  if (response.status === 404) {
    await response.body?.cancel();
    throw new MessageError(
      `no bag at \`${shownUrl(url)}\`: expected ${expected}; a folder needs its \`metadata.yaml\` there`,
      { file: shownUrl(url) },
    );
  }
  const text = await response.text();
  if (text.length > MAX_METADATA_BYTES)
    throw new MessageError(`\`${shown}\` has ${text.length} bytes, expected at most ${MAX_METADATA_BYTES}`, {
      file: shown,
    });
  return parseBagMetadata(text, shown);
}
