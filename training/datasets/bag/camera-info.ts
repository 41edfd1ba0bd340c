import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type CameraInfo, cameraInfoCodec } from '../../../msgs/camera-info.js';
import { TrainingError } from '../../errors.js';
import { stampedMessages } from './bag-topics.js';

/** The first camera_info of a topic; a recorded camera keeps its calibration. @throws TrainingError when there is none. */
export async function firstCameraInfo(bag: BagReader, topic: string): Promise<CameraInfo> {
  for await (const { value } of stampedMessages(bag, topic, cameraInfoCodec)) return value;
  throw new TrainingError(
    `${bag.path}: topic \`${topic}\` has no messages; the camera's intrinsics are unknown.`,
  );
}
