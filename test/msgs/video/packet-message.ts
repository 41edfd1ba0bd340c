import { nsToStamp } from '../../../msgs/stamp.js';

export const COMPRESSED_VIDEO = 'foxglove_msgs/msg/CompressedVideo';

/** A packet of video as a foxglove_msgs/CompressedVideo of the frame `camera`, as it is received or recorded. */
export function packetMessage(
  topic: string,
  stampNs: bigint,
  { data, format = 'h264' }: { readonly data: Uint8Array; readonly format?: string },
) {
  const message = { timestamp: nsToStamp(stampNs), frame_id: 'camera', data, format };
  return { topic, type: COMPRESSED_VIDEO, stampNs, logTimeNs: stampNs, message };
}
