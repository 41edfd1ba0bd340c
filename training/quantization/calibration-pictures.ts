import { openBag } from '../../msgs/bag/open-bag.js';
import { cameraModel } from '../../msgs/camera/camera-model.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { cameraImages } from '../datasets/bag/bag-pictures.js';
import { cameraDecoding } from '../datasets/bag/camera-decoding.js';
import { firstCameraInfo } from '../datasets/bag/camera-info.js';
import { cameraPicture } from '../datasets/bag/camera-picture.js';
import { cameraTopics } from '../datasets/bag/camera-topics.js';
import { TrainingError } from '../errors.js';

export interface CalibrationPicture {
  readonly picture: RgbPicture;
  readonly intrinsics: Intrinsics;
}

/**
 * `count` camera pictures, taken evenly from all of the bags.
 * @param settings of the camera, in all of them
 * @throws TrainingError when a bag has no camera with calibration, or the bags have no picture at all.
 */
export async function calibrationPictures(
  bags: readonly string[],
  count: number,
  settings: CameraSettings = {},
): Promise<CalibrationPicture[]> {
  const all: CalibrationPicture[] = [];
  for (const [i, place] of bags.entries()) {
    const share = Math.floor((count * (i + 1)) / bags.length) - Math.floor((count * i) / bags.length);
    all.push(...(await picturesOf(place, share, settings)));
  }
  if (all.length === 0)
    throw new TrainingError(`${bags.join(', ')}: expected camera pictures to calibrate on, found none.`);
  return all;
}

async function picturesOf(
  place: string,
  count: number,
  settings: CameraSettings,
): Promise<CalibrationPicture[]> {
  const bag = await openBag(place);
  try {
    const camera = await cameraTopics(bag, settings);
    const { image, kind } = camera;
    const info = await firstCameraInfo(bag, camera);
    const { intrinsics } = cameraModel(info, kind);
    const decoding = cameraDecoding(camera, info);
    const total = Number(bag.topics.find(({ topic }) => topic === image.topic)?.messageCount ?? count);
    const step = Math.max(1, total / Math.max(1, count));
    const taken: CalibrationPicture[] = [];
    let index = 0;
    for await (const { value } of cameraImages(bag, image)) {
      if (index++ < Math.floor(taken.length * step)) continue;
      if (taken.length >= count) break;
      taken.push({ picture: await cameraPicture(value, decoding), intrinsics });
    }
    return taken;
  } finally {
    await bag.close();
  }
}
