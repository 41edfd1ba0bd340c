import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CameraModel, cameraModel } from '../../../msgs/camera/camera-model.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { checkImageSize, deliveredWindow } from '../../../msgs/camera/delivered-window.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import { type CompressedImage, compressedImageCodec } from '../../../msgs/compressed-image.js';
import { MessageError } from '../../../msgs/errors.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { cameraDecoding } from '../../datasets/bag/camera-decoding.js';
import { firstCameraInfo } from '../../datasets/bag/camera-info.js';
import { cameraPicture } from '../../datasets/bag/camera-picture.js';
import { type CameraTopics, cameraTopics, IMAGE_TYPE } from '../../datasets/bag/camera-topics.js';
import { TrainingError } from '../../errors.js';

/** The camera of a recorded drive. */
export interface DriveCamera {
  readonly topics: CameraTopics;
  readonly info: CameraInfo;
  readonly model: CameraModel;
  /** Size of its images. */
  readonly width: number;
  readonly height: number;
  /** As the bag announces it; undefined where it does not. */
  readonly imageCount: number | undefined;
}

/** Images that were left out. */
export interface SkippedImages {
  undecodable: number;
  outOfOrder: number;
}

export interface DriveImage {
  /** Index among the drive's images, from 0. */
  readonly index: number;
  readonly stampNs: bigint;
  readonly picture: RgbPicture;
}

/**
 * @param onWarning told what looks wrong of the calibration; a warning of the process where left out
 * @throws TrainingError when the bag has no image or no camera_info; MessageError when the intrinsics are missing.
 */
export async function driveCamera(
  bag: BagReader,
  names: CameraSettings,
  onWarning?: (text: string) => void,
): Promise<DriveCamera> {
  const topics = await cameraTopics(bag, names);
  const { image, kind } = topics;
  const info = await firstCameraInfo(bag, topics, onWarning);
  const { width, height } = deliveredWindow(info);
  const imageCount = bag.topics.find(({ topic }) => topic === image.topic)?.messageCount;
  return {
    topics,
    info,
    model: cameraModel(info, kind),
    width,
    height,
    imageCount,
  };
}

/**
 * The images of a drive in the order of recording, decoded one at a time; those that `wanted` leaves out are not decoded.
 * Images that cannot be decoded or are not newer than the one before are left out and counted in `skipped`.
 * @throws MessageError when an image is not of the size that camera_info announces.
 */
export async function* driveImages(
  bag: BagReader,
  camera: DriveCamera,
  wanted: (index: number) => boolean,
  skipped: SkippedImages,
): AsyncGenerator<DriveImage> {
  const { image } = camera.topics;
  const decoding = cameraDecoding(camera.topics, camera.info);
  const warned = new Set<string>();
  const warnOnce = (text: string) => {
    if (warned.size !== warned.add(text).size) process.emitWarning(`${image.topic}: ${text}`);
  };
  let index = -1;
  let latestNs: bigint | undefined;
  for await (const { cdr } of bag.messages({ topics: [image.topic] })) {
    index++;
    if (!wanted(index)) continue;
    const message = decoded(image.type, cdr);
    if (message === undefined) {
      skipped.undecodable++;
      continue;
    }
    const stampNs = stampToNs(message.header.stamp);
    if (latestNs !== undefined && stampNs <= latestNs) {
      skipped.outOfOrder++;
      continue;
    }
    let picture: RgbPicture;
    try {
      picture = await cameraPicture(message, decoding, warnOnce);
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      skipped.undecodable++;
      continue;
    }
    checkImageSize(camera.info, picture);
    latestNs = stampNs;
    yield { index, stampNs, picture };
  }
}

/** Undefined for a damaged message. */
function decoded(type: string, cdr: Uint8Array): Image | CompressedImage | undefined {
  try {
    return type === IMAGE_TYPE ? imageCodec.decode(cdr) : compressedImageCodec.decode(cdr);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** Consecutive images of a part of a long drive. */
const WINDOW = 40;

/** Which of `count` images are looked at so that there are at most `most`: windows, spread evenly; all of a short drive. */
export function evenWindows(count: number, most: number): (index: number) => boolean {
  if (count <= most) return () => true;
  const number = Math.max(1, Math.floor(most / WINDOW));
  const length = Math.floor(most / number);
  const pitch = count / number;
  return (index) => index - Math.floor(Math.floor(index / pitch) * pitch) < length;
}
