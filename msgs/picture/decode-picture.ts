import sharp, { type Sharp } from 'sharp';
import { MessageError } from '../errors.js';
import { compressedFormat } from './compressed-format.js';
import { jpegScans } from './jpeg-scans.js';
import { type PictureHeader, pictureHeader } from './picture-header.js';
import { IDLE_TIMES, withinProcessorTime } from './within-processor-time.js';

/** Bounds on the cost of a decode. */
export interface DecodeLimits {
  /** Pixels of the largest picture to decode; default 64 million. */
  readonly mostPixels?: number | undefined;
  /** Processor time after which a decode is given up, milliseconds; default 10 s. */
  readonly mostMs?: number | undefined;
}

/** Twice the largest of common cameras. */
export const DEFAULT_MOST_PIXELS = 64e6;
const DEFAULT_MOST_MS = 10_000;
/** Pixels times scans of a jpeg: 48 scans of 8 megapixels, some seconds of work. */
const MOST_SCANNED_PIXELS = 4e8;
/** What libjpeg complains of though the picture is whole. */
const BENIGN = /extraneous bytes|Invalid SOS|Adobe color transform|JFIF/;
/** UVC cameras leave a byte or two before restart markers; more means that the blocks before are wrong. */
const BEFORE_RESTART = /(\d+) extraneous bytes before marker 0xd[0-7]/;
const MOST_BEFORE_RESTART = 8;
const UNEXPLAINED = /^Warning treated as error/;
const MOST_REPETITIONS = 5;
/** Rows of the largest block of a jpeg. */
const BLOCK_ROWS = 16;

/** A decoded picture. `data` is [height, width, channels] without padding; numbers of two bytes are little endian. */
export interface DecodedPicture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: 1 | 3;
  /** 1, or 2 for 16-bit png. */
  readonly bytesPerChannel: 1 | 2;
  /** The pixels, row by row. */
  readonly data: Uint8Array;
  /** What is odd about the picture though it was decoded. */
  readonly warnings: readonly string[];
}

/**
 * Decodes the jpeg or png picture of a CompressedImage: grey or sRGB, without transparency.
 *
 * The bytes decide the format, and `format` must not contradict them. The cost of a picture is known before decoding: its
 * pixels and, for jpeg, the scans over them. If a decode still takes too much processor time, the promise rejects; the work
 * that libvips then still does is bounded by that cost. Processor time of other processes does not count.
 *
 * A jpeg without its end marker, as USB cameras write it, is decoded as if it had one. It is refused if more than the last
 * row of blocks is missing.
 * @throws MessageError if the picture is no jpeg or png, contradicts `format`, is damaged, too large or takes too long.
 */
export async function decodePicture(
  { format, data }: { readonly format: string; readonly data: Uint8Array },
  { mostPixels = DEFAULT_MOST_PIXELS, mostMs = DEFAULT_MOST_MS }: DecodeLimits = {},
): Promise<DecodedPicture> {
  const announced = compressedFormat(format);
  const header = pictureHeader(data);
  const pixels = header.width * header.height;
  if (pixels === 0)
    throw new MessageError(`the ${header.format} has ${header.width} x ${header.height} pixels`);
  if (pixels > mostPixels) {
    throw new MessageError(
      `the ${header.format} of ${data.length} bytes has ${header.width} x ${header.height} pixels, more than ` +
        `\`${Math.floor(mostPixels)}\`; if that is right, raise the limit with \`--max-pixels\`, the node's \`max_pixels\``,
    );
  }
  const mismatch =
    announced === undefined || announced === header.format
      ? []
      : [`images of \`format\` ${announced} are ${header.format} files: decoded as what they are`];
  const decoded = withinProcessorTime(
    { mostMs },
    () => (header.format === 'jpeg' ? decodeJpeg(data, header, mostMs) : decodePng(data, header, mostMs)),
    () => tooSlow(header, mostMs),
  );
  const { warnings, ...picture } = await decoded;
  return { warnings: [...mismatch, ...warnings], ...picture };
}

async function decodePng(bytes: Uint8Array, header: PictureHeader, mostMs: number): Promise<DecodedPicture> {
  try {
    return { warnings: [], ...(await pixelsOf(bytes, header, 'error', mostMs)) };
  } catch (cause) {
    throw undecodable(bytes, cause);
  }
}

async function decodeJpeg(bytes: Uint8Array, header: PictureHeader, mostMs: number): Promise<DecodedPicture> {
  const { count, ended } = jpegScans(bytes, header.frameOffset);
  if (header.width * header.height * count > MOST_SCANNED_PIXELS) {
    throw new MessageError(
      `the jpeg of ${header.width} x ${header.height} pixels has ${count} scans, more work than any camera's; expected at ` +
        `most \`${Math.floor(MOST_SCANNED_PIXELS / (header.width * header.height))}\``,
    );
  }
  const file = ended ? bytes : Buffer.concat([bytes, Buffer.of(0xff, 0xd9)]);
  const odd = [
    ...(ended ? [] : ['jpeg images lack their end marker: decoded as if it were there']),
    ...(header.inks ? ['jpeg images are CMYK, colours of print: as RGB they are approximate'] : []),
  ];
  let cause: unknown;
  // Among the reasons may be those of a damaged picture beside this one. A repetition has its own.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const picture = await whileUnexplained(() => pixelsOf(file, header, 'warning', mostMs));
      return { warnings: odd, ...picture };
    } catch (error) {
      cause = error;
    }
    if (reasonsOf(cause).every(isBenign)) break;
  }
  const benign = reasonsOf(cause).every(isBenign);
  const lastRows = reasonsOf(cause).every((reason) => /premature end/.test(reason));
  if (!benign && !(lastRows && (await wholeButLastRows(file, header, mostMs))))
    throw undecodable(bytes, cause);
  const warning = benign
    ? `jpeg images are not quite as they should be: ${kindOf(reasonOf(cause))}`
    : 'jpeg images end within their last row of blocks: the rest of it is made up by the decoder';
  try {
    return { ...(await pixelsOf(file, header, 'error', mostMs)), warnings: [...odd, warning] };
  } catch (second) {
    throw undecodable(bytes, second);
  }
}

function reasonsOf(cause: unknown): string[] {
  return (cause as Error).message.trim().split('\n'); // sharp rejects with nothing else
}

function isBenign(reason: string): boolean {
  const [, before] = BEFORE_RESTART.exec(reason) ?? [];
  return BENIGN.test(reason) && !(Number(before) > MOST_BEFORE_RESTART);
}

/** The same text for all images of one kind: without counts, and without saying which restart marker it was. */
function kindOf(reason: string): string {
  return reason.replace(/\d+ /, '').replace(/marker 0xd[0-7]/, 'a restart marker');
}

/**
 * libvips keeps the reasons of all threads in one place, where another decode can wipe them: then only a repetition tells what
 * is wrong.
 */
async function whileUnexplained<T>(work: () => Promise<T>): Promise<T> {
  for (let left = MOST_REPETITIONS; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !UNEXPLAINED.test((error as Error).message)) throw error;
    }
  }
}

/** Whether everything above the last row of blocks can be decoded without a complaint. */
async function wholeButLastRows(
  bytes: Uint8Array,
  { width, height }: PictureHeader,
  mostMs: number,
): Promise<boolean> {
  const whole = Math.floor((height - 1) / BLOCK_ROWS) * BLOCK_ROWS;
  if (whole === 0) return false;
  try {
    await open(bytes, 'warning', mostMs).extract({ left: 0, top: 0, width, height: whole }).raw().toBuffer();
    return true;
  } catch {
    return false;
  }
}

async function pixelsOf(
  bytes: Uint8Array,
  { bits, grey, width, height }: PictureHeader,
  failOn: 'error' | 'warning',
  mostMs: number,
): Promise<Omit<DecodedPicture, 'warnings'>> {
  const image = open(bytes, failOn, mostMs).removeAlpha();
  const wide = bits === 16;
  const { data, info } = await (wide
    ? image.toColourspace(grey ? 'grey16' : 'rgb16').raw({ depth: 'ushort' })
    : image.toColourspace(grey ? 'b-w' : 'srgb').raw()
  ).toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height !== height)
    throw new MessageError(
      `it decodes to ${info.width} x ${info.height} pixels, its head says ${width} x ${height}`,
    );
  const channels = info.channels >= 3 ? 3 : 1;
  return { width, height, channels, bytesPerChannel: wide ? 2 : 1, data };
}

let isRestricted = false;

/** Settings of the whole process, made before its first picture is decoded and not by an import. */
function restrictSharp(): void {
  if (isRestricted) return;
  isRestricted = true;
  // One picture is decoded by one thread while others compute; nothing is seen twice, so no cache.
  sharp.concurrency(1);
  sharp.cache(false);
  // Whatever the bytes pretend to be, no other decoder of libvips is reached in this process. By name, and not all of them with
  // two let through again: the process has one such list, and a worker that starts would stop the decodes of the others for a
  // moment, "unsupported image format".
  sharp.block({
    operation: [
      ...[
        'Svg',
        'Pdf',
        'Openslide',
        'Magick',
        'Magick7',
        'Heif',
        'Webp',
        'Tiff',
        'Nsgif',
        'Uhdr',
        'Jp2k',
        'Jxl',
        'Openexr',
      ],
      ...['Fits', 'Rad', 'Ppm', 'Csv', 'Matrix', 'Raw', 'Vips', 'Analyze', 'Mat', 'Nifti', 'DcRaw'],
    ].map((name) => `VipsForeignLoad${name}`),
  });
}

function open(bytes: Uint8Array, failOn: 'error' | 'warning', mostMs: number): Sharp {
  restrictSharp();
  // The size was checked by whoever calls.
  const image = sharp(bytes, { failOn, limitInputPixels: false, sequentialRead: true });
  // By the clock, which load makes run fast: only for what nobody waits for any more.
  return image.timeout({ seconds: Math.max(1, Math.ceil((mostMs * IDLE_TIMES) / 1000)) });
}

function tooSlow({ format, width, height }: PictureHeader, mostMs: number): MessageError {
  return new MessageError(
    `the ${format} of ${width} x ${height} pixels was not decoded within \`${mostMs / 1000} s\` of processor time`,
  );
}

function undecodable(bytes: Uint8Array, cause: unknown): MessageError {
  return new MessageError(
    `the compressed image (${bytes.length} bytes) cannot be decoded: ${reasonOf(cause)}`,
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  const [first = ''] = reasonsOf(cause);
  return first.replace(/^Vips\w+: /, '');
}
