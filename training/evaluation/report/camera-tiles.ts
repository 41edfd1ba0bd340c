import { decodeImage, type EncodedImage } from '../../../models/decode-image.js';
import { ImageConverter } from '../../../models/image-converter.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { findCamera } from '../../../msgs/bag/find-camera.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import type { PanelTile } from '../../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { stampToNs } from '../../../msgs/stamp.js';

/** What the camera saw at some moments, where the output holds its pictures. What cannot be decoded is left out, and so are pictures that share a stamp. */
export async function cameraTiles(
  reader: BagReader,
  stampsNs: ReadonlySet<bigint>,
): Promise<ReadonlyMap<bigint, PanelTile>> {
  const tiles = new Map<bigint, PanelTile>();
  const seen = new Set<bigint>();
  const camera = await findCamera(reader, { intrinsics: true }).catch(() => undefined);
  const type = reader.topics.find(({ topic }) => topic === camera?.topic)?.type;
  if (camera === undefined || type === undefined || stampsNs.size === 0) return tiles;
  const converter = new ImageConverter(1);
  for await (const { cdr } of reader.messages({ topics: [camera.topic] })) {
    try {
      const { stampNs, image } = encodedOf(type, cdr);
      if (!stampsNs.has(stampNs)) continue;
      // Frames may have been dropped in between: which picture belongs to a frame is unknown.
      if (seen.has(stampNs)) {
        tiles.delete(stampNs);
        continue;
      }
      seen.add(stampNs);
      tiles.set(stampNs, { caption: 'camera', picture: await pictureOf(image, converter) });
    } catch {
      // A report is about depth: a picture more or less is no fault of it.
    }
  }
  return tiles;
}

function encodedOf(
  type: string,
  cdr: Uint8Array,
): { readonly stampNs: bigint; readonly image: EncodedImage } {
  if (type === imageCodec.type) {
    const { header, data, ...layout } = imageCodec.decode(cdr);
    return { stampNs: stampToNs(header.stamp), image: { kind: 'raw', bytes: data, ...layout } };
  }
  const { header, data, format } = compressedImageCodec.decode(cdr);
  return { stampNs: stampToNs(header.stamp), image: { kind: 'compressed', bytes: data, format } };
}

async function pictureOf(image: EncodedImage, converter: ImageConverter): Promise<RgbPicture> {
  const { pixels } = await decodeImage(image, converter, {});
  const { width, height, data, step, bytesPerPixel, channelOrder } = pixels;
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0, to = 0; row < height; row++) {
    let at = row * step;
    for (let column = 0; column < width; column++, at += bytesPerPixel)
      for (const channel of channelOrder) rgb[to++] = data[at + channel];
  }
  converter.reuse(pixels);
  return rgbPicture(width, height, rgb);
}
