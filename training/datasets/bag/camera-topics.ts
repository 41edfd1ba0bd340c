import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CameraOptionNames, COMMAND_LINE, findCamera } from '../../../msgs/bag/find-camera.js';
import type { CameraKind } from '../../../msgs/camera/camera-kind.js';
import { MessageError } from '../../../msgs/errors.js';
import { TrainingError } from '../../errors.js';

export const IMAGE_TYPE = 'sensor_msgs/msg/Image';
export const COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage';

/** What a user says about the camera. */
export interface CameraNames {
  readonly image?: string | undefined;
  readonly cameraInfo?: string | undefined;
  readonly cameraKind?: CameraKind | undefined;
}

export interface CameraTopics {
  readonly image: { readonly topic: string; readonly type: string };
  readonly cameraInfo: string;
  readonly kind: CameraKind;
}

/** The options of commands that learn from or judge by a bag. */
const WITHOUT_INTRINSICS: CameraOptionNames = {
  image: COMMAND_LINE.image,
  cameraInfo: COMMAND_LINE.cameraInfo,
};
/** The options of `bag:PATH?...`. */
export const SPEC_OPTIONS: CameraOptionNames = { image: '?image=TOPIC', cameraInfo: '?camera_info=TOPIC' };

/**
 * The camera image of a bag, its camera_info and kind: the named ones, or those that findCamera finds.
 * @throws TrainingError that names the option that helps, when they are missing or a choice has to be made.
 */
export async function cameraTopics(
  bag: BagReader,
  given: CameraNames = {},
  names: CameraOptionNames = WITHOUT_INTRINSICS,
): Promise<CameraTopics> {
  try {
    const { topic, type, infoTopic, kind } = await findCamera(bag, { ...given, names });
    // Without given intrinsics there is one.
    return { image: { topic, type }, cameraInfo: infoTopic ?? '', kind };
  } catch (error) {
    if (error instanceof MessageError) throw new TrainingError(error.message, { cause: error });
    throw error;
  }
}

/** The camera image alone. @throws TrainingError as above. */
export async function cameraImage(bag: BagReader, { image }: CameraNames): Promise<CameraTopics['image']> {
  try {
    const { topic, type } = await findCamera(bag, { image, intrinsics: true, names: WITHOUT_INTRINSICS });
    return { topic, type };
  } catch (error) {
    if (error instanceof MessageError) throw new TrainingError(error.message, { cause: error });
    throw error;
  }
}
