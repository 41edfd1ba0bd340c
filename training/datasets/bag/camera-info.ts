import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { firstImageSize } from '../../../msgs/bag/first-image-size.js';
import { givenCameraInfo } from '../../../msgs/camera/given-camera-info.js';
import { soundCameraInfo } from '../../../msgs/camera/sound-camera-info.js';
import { type CameraInfo, cameraInfoCodec } from '../../../msgs/camera-info.js';
import { TrainingError } from '../../errors.js';
import { stampedMessages } from './bag-topics.js';
import type { CameraTopics } from './camera-topics.js';

/**
 * The camera_info of a camera: from the intrinsics that a user gave, or the first one, mended as the nodes mend it (see
 * soundCameraInfo). A recorded camera keeps its calibration.
 * @param onWarning told what was mended or looks wrong
 * @throws TrainingError when there is none; MessageError when it cannot be meant.
 */
export async function firstCameraInfo(
  bag: BagReader,
  {
    image,
    cameraInfo,
    kind,
  }: Pick<CameraTopics, 'cameraInfo' | 'kind'> & { readonly image?: CameraTopics['image'] },
  onWarning: (text: string) => void = (text) => process.emitWarning(text),
): Promise<CameraInfo> {
  if (typeof cameraInfo !== 'string') {
    if (image === undefined)
      throw new TrainingError(`${bag.path}: given intrinsics need images, whose size they are for.`, {
        file: bag.path,
      });
    const { frameId, ...size } = await firstImageSize(bag, image);
    return givenCameraInfo(cameraInfo, size, frameId);
  }
  for await (const { value } of stampedMessages(bag, cameraInfo, cameraInfoCodec)) {
    const size = image && (await firstImageSize(bag, image).catch(() => undefined));
    const { info, warnings } = soundCameraInfo(value, kind, size);
    for (const warning of warnings) onWarning(warning);
    return info;
  }
  throw new TrainingError(
    `${bag.path}: topic \`${cameraInfo}\` has no messages; the camera's intrinsics are unknown.`,
    { topic: cameraInfo, file: bag.path },
  );
}
