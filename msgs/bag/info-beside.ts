import { baseTopic } from '../camera/image-transport.js';
import type { BagTopic } from './bag-reader.js';

/** `camera_info` in the namespace of the image, with and without the names of its transports. */
export function infoBeside(image: string, infos: readonly BagTopic[]): BagTopic | undefined {
  const beside = [image, baseTopic(image)].flatMap((topic) => [
    `${topic}/camera_info`,
    topic.replace(/[^/]*$/, 'camera_info'),
  ]);
  return infos.find(({ topic }) => beside.includes(topic));
}
