import { MessageError } from '../errors.js';

export type PictureFormat = 'jpeg' | 'png';

const CODECS: Readonly<Record<string, PictureFormat>> = {
  jpeg: 'jpeg',
  jpg: 'jpeg',
  jfif: 'jpeg',
  mjpeg: 'jpeg',
  mjpg: 'jpeg',
  png: 'png',
};

/** Codecs of moving pictures that drivers put into CompressedImage. */
const VIDEO = /^(h\.?26[45]|avc|hevc|av1|vp[89]|mpeg[124]?|theora)$/i;
/** Words of a format that name an encoding. */
const ENCODING = /^(rgba?\d+|bgra?\d+|mono\d+|bayer_[rgb]{4}\d+|\d+[usf]c\d+|yuv\w*|uyvy|yuyv|nv\d+|i420)$/i;
/** What else stands in a format: the words of image_transport and of others, and an encoding. */
const OTHER_WORDS = /^(compressed|image)?$/i;

/**
 * What the `format` of a CompressedImage announces: `jpeg`, `.png`, `image/jpeg`, or image_transport's `bgr8; jpeg compressed
 * bgr8`. It is undefined where it only names the encoding, or nothing, as older drivers do.
 * @throws MessageError when it is something else than a jpeg or png picture.
 */
export function compressedFormat(format: string): PictureFormat | undefined {
  const words = format.split(/[\s;,/]+/).map((word) => word.replace(/^\./, ''));
  if (words.some((word) => /^compresseddepth$/i.test(word))) {
    throw new MessageError(
      `\`format\` "${shown(format)}" is a depth image (compressed_depth_image_transport), no camera picture`,
      { field: 'format' },
    );
  }
  const named = words.find((word) => Object.hasOwn(CODECS, word.toLowerCase()));
  if (named !== undefined) return CODECS[named.toLowerCase()];
  if (words.every((word) => OTHER_WORDS.test(word) || ENCODING.test(word))) return undefined;
  if (words.some((word) => VIDEO.test(word))) {
    throw new MessageError(
      `\`format\` "${shown(format)}" is video; convert it to pictures first: play the recording, run \`ros2 run ` +
        'image_transport republish` from its transport to `compressed`, and record that',
      { field: 'format' },
    );
  }
  throw new MessageError(`\`format\` "${shown(format)}": expected \`jpeg\` or \`png\``, { field: 'format' });
}

/**
 * The encoding (`bayer_rggb8`) of a mosaic that a grey picture holds: image_transport compresses raw Bayer images as they are,
 * `bayer_rggb8; jpeg compressed `. Undefined for all other pictures.
 * @param bytesPerChannel of the decoded picture.
 */
export function mosaicEncoding(format: string, bytesPerChannel: 1 | 2): string | undefined {
  const [source = '', ...others] = format.split(/[\s;,/]+/).filter((word) => ENCODING.test(word));
  const target = others[others.length - 1] ?? source;
  const [, order] = /^bayer_([rgb]{4})\d+$/i.exec(source) ?? [];
  if (order === undefined || !/^bayer_/i.test(target)) return undefined;
  return `bayer_${order.toLowerCase()}${8 * bytesPerChannel}`;
}

function shown(format: string): string {
  return format.length > 60 ? `${format.slice(0, 60)}...` : format;
}
