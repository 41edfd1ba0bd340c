import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { chooseTopic } from './bag-topics.js';

export const IMAGE_TYPE = 'sensor_msgs/msg/Image';
export const COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage';
const CAMERA_INFO_TYPE = 'sensor_msgs/msg/CameraInfo';

/** Image topics of these names carry truth or results, not pictures. */
const NO_PICTURES = /depth|label|instance|segmentation|mask|dynamic|disparity/i;

export interface CameraTopics {
  readonly image?: { readonly topic: string; readonly type: string };
  readonly cameraInfo?: string;
  /** Of the image topic's name: image_rect* is rectified. */
  readonly kind: 'raw' | 'rectified';
}

/**
 * The camera image and its camera_info in a bag, as far as they are there: the named ones, or the only ones. The
 * camera_info beside the image (`.../image_rect/compressed` has `.../camera_info`) wins over others.
 * @throws TrainingError when a named topic is missing or a choice has to be made.
 */
export function cameraTopics(
  bag: BagReader,
  names: { readonly image?: string | undefined; readonly cameraInfo?: string | undefined } = {},
): CameraTopics {
  const image = chooseTopic(
    bag,
    [IMAGE_TYPE, COMPRESSED_TYPE],
    '--image',
    names.image,
    ({ topic }) => !NO_PICTURES.test(topic),
  );
  const kind = image !== undefined && /\/image_rect[^/]*/.test(image.topic) ? 'rectified' : 'raw';
  const beside = image?.topic.replace(/\/compressed$/, '').replace(/\/[^/]*$/, '/camera_info');
  const isBeside = names.cameraInfo === undefined && bag.topics.some(({ topic }) => topic === beside);
  const cameraInfo = isBeside
    ? beside
    : chooseTopic(bag, [CAMERA_INFO_TYPE], '--camera-info', names.cameraInfo)?.topic;
  return {
    kind,
    ...(image === undefined ? {} : { image: { topic: image.topic, type: image.type } }),
    ...(cameraInfo === undefined ? {} : { cameraInfo }),
  };
}
