import sharp from 'sharp';
import { BagWriter } from '../msgs/bag/bag-writer.js';
import { type CameraInfo, cameraInfoCodec } from '../msgs/camera-info.js';
import { compressedImageCodec } from '../msgs/compressed-image.js';
import { nsToStamp } from '../msgs/stamp.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { simulateSnapshot } from '../training/simulator/snapshot.js';

/** The fixed workload: KITTI's image size and focal length. */
export const WORKLOAD = { width: 1242, height: 375, focalPixels: 721, frameRate: 10 } as const;

/** Frames of the simulated drive; a longer recording goes there and back again. */
const DRIVE_FRAMES = 24;
/** Pictures of `unrelatedPictures`. */
const UNRELATED = 12;

/** Renders the pictures of the workload, a drive of some seconds: whole jpeg files, quality 90 as camera drivers have it. */
export async function workloadPictures(): Promise<Uint8Array[]> {
  const { width, height, focalPixels, frameRate } = WORKLOAD;
  const domain = domainNamed('town-camera');
  const drive = { domain, seed: 1, width, height, focalPixels, frameRate, frames: DRIVE_FRAMES };
  const files: Uint8Array[] = [];
  for (const { rgb } of simulateDrive(drive)) files.push(await jpegOf(rgb));
  return files;
}

/** Pictures of a street each, without a common motion: the hardest for the comparison of frames. */
export async function unrelatedPictures(): Promise<Uint8Array[]> {
  const { width, height, focalPixels } = WORKLOAD;
  const domain = domainNamed('town-camera');
  const files: Uint8Array[] = [];
  for (let seed = 1; seed <= UNRELATED; seed++)
    files.push(await jpegOf(simulateSnapshot({ domain, seed, width, height, focalPixels }).rgb));
  return files;
}

async function jpegOf(rgb: Uint8Array): Promise<Uint8Array> {
  const { width, height } = WORKLOAD;
  const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await picture.jpeg({ quality: 90 }).toBuffer());
}

/** Which of so many pictures a frame shows: there and back, so that those that follow each other do so in the drive, too. */
export function thereAndBack(frame: number, pictures: number): number {
  if (pictures === 1) return 0;
  const at = frame % (2 * pictures - 2);
  return at < pictures ? at : 2 * pictures - 2 - at;
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
    const data = pictures[thereAndBack(frame, pictures.length)] ?? new Uint8Array();
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
