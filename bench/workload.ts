import sharp from 'sharp';
import { BagWriter } from '../msgs/bag/bag-writer.js';
import { type CameraInfo, cameraInfoCodec } from '../msgs/camera-info.js';
import { compressedImageCodec } from '../msgs/compressed-image.js';
import { nsToStamp } from '../msgs/stamp.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateSnapshot } from '../training/simulator/snapshot.js';

/** The fixed workload: KITTI's image size and focal length. */
export const WORKLOAD = { width: 1242, height: 375, focalPixels: 721, frameRate: 10 } as const;

/** Different pictures; a longer drive repeats them. */
const PICTURES = 12;

/** Renders the pictures of the workload: whole jpeg files, quality 90 as camera drivers have it, of about 150 kB. */
export async function workloadPictures(): Promise<Uint8Array[]> {
  const { width, height, focalPixels } = WORKLOAD;
  const domain = domainNamed('town-camera');
  const files: Uint8Array[] = [];
  for (let seed = 1; seed <= PICTURES; seed++) {
    const { rgb } = simulateSnapshot({ domain, seed, width, height, focalPixels });
    const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
    files.push(new Uint8Array(await picture.jpeg({ quality: 90 }).toBuffer()));
  }
  return files;
}

/** Writes a drive of so many frames: compressed images and their camera_info. */
export async function writeWorkload(
  folder: string,
  pictures: readonly Uint8Array[],
  frames: number,
): Promise<void> {
  const writer = await BagWriter.create(folder, { overwrite: true });
  const add = (topic: string, { type, definition }: { type: string; definition: string }) =>
    writer.addTopic({ topic, type, definition });
  const infoChannel = await add('/camera/camera_info', cameraInfoCodec);
  const imageChannel = await add('/camera/image_raw/compressed', compressedImageCodec);
  for (let frame = 0; frame < frames; frame++) {
    const stampNs = BigInt(Math.round((1e9 * frame) / WORKLOAD.frameRate)) + 1_000_000_000n;
    const header = { stamp: nsToStamp(stampNs), frame_id: 'camera' };
    const data = pictures[frame % pictures.length] ?? new Uint8Array();
    await writer.write(infoChannel, cameraInfoCodec.encode(cameraInfo(header)), stampNs);
    await writer.write(imageChannel, compressedImageCodec.encode({ header, format: 'jpeg', data }), stampNs);
  }
  await writer.close();
}

/** The camera_info of the workload: no distortion, the principal point in the middle. */
export function cameraInfo(header: CameraInfo['header']): CameraInfo {
  const { width, height, focalPixels } = WORKLOAD;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  return {
    ...{ header, width, height, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
    k: [focalPixels, 0, cx, 0, focalPixels, cy, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [focalPixels, 0, cx, 0, 0, focalPixels, cy, 0, 0, 0, 1, 0],
    ...{ binning_x: 0, binning_y: 0 },
    roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
  };
}
