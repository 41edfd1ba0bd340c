import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CameraOptionNames, COMMAND_LINE, findCamera } from '../../../msgs/bag/find-camera.js';
import type { CameraKind } from '../../../msgs/camera/camera-kind.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { MessageError } from '../../../msgs/errors.js';
import { TrainingError } from '../../errors.js';

export const IMAGE_TYPE = 'sensor_msgs/msg/Image';
export const COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage';

export interface CameraTopics {
  readonly image: { readonly topic: string; readonly type: string };
  /** A topic, or what a user gave instead. */
  readonly cameraInfo: string | Intrinsics;
  readonly kind: CameraKind;
  /** How its images are read. */
  readonly decoding: Pick<CameraSettings, 'bitDepth' | 'maxPixels'>;
}

/** The options of `bag:PATH?...`. */
export const SPEC_OPTIONS: CameraOptionNames = {
  image: '?image=TOPIC',
  cameraInfo: '?camera_info=TOPIC',
  intrinsics: '?intrinsics=fx,fy,cx,cy',
};

/**
 * The camera image of a bag, its camera_info and kind: the named ones, or those that findCamera finds.
 * @throws TrainingError that names the option that helps, when they are missing or a choice has to be made.
 */
export async function cameraTopics(
  bag: BagReader,
  given: CameraSettings = {},
  names: CameraOptionNames = COMMAND_LINE,
): Promise<CameraTopics> {
  try {
    const { image, cameraInfo, cameraKind, intrinsics, bitDepth, maxPixels } = given;
    const asked = { image, cameraInfo, cameraKind, intrinsics: intrinsics !== undefined, names };
    const { topic, type, infoTopic, kind } = await findCamera(bag, asked);
    const decoding = { bitDepth, maxPixels };
    // Without given intrinsics there is a topic.
    return { image: { topic, type }, cameraInfo: intrinsics ?? infoTopic ?? '', kind, decoding };
  } catch (error) {
    if (error instanceof MessageError) throw new TrainingError(error.message, { cause: error });
    throw error;
  }
}

/** The camera image alone. @throws TrainingError as above. */
export async function cameraImage(bag: BagReader, { image }: CameraSettings): Promise<CameraTopics['image']> {
  try {
    const { topic, type } = await findCamera(bag, { image, intrinsics: true });
    return { topic, type };
  } catch (error) {
    if (error instanceof MessageError) throw new TrainingError(error.message, { cause: error });
    throw error;
  }
}
