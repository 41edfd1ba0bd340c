/** What image_transport and its like add to a topic's name, and drivers after `_`. */
const SUFFIX =
  /[/_](compressed|compressedDepth|compressed_depth|theora|ffmpeg|foxglove|h26[45]|zstd|jpe?g|png|throttled?|republished|repub)$/;

/** A topic without the names of its transports: `/cam/image_raw` for `/cam/image_raw/compressed`. */
export function baseTopic(topic: string): string {
  const base = topic.replace(SUFFIX, '');
  return base === topic || base === '' ? topic : baseTopic(base);
}

/** Types of moving pictures, by what converts them: the transport's name in image_transport. */
const VIDEO: Readonly<Record<string, string>> = {
  'foxglove_msgs/msg/CompressedVideo': 'foxglove',
  'foxglove.CompressedVideo': 'foxglove',
  'ffmpeg_image_transport_msgs/msg/FFMPEGPacket': 'ffmpeg',
  'theora_image_transport/msg/Packet': 'theora',
};

/** Why messages of a type are no pictures, and what makes pictures of them; undefined for other types. */
export function videoRemedy({
  topic,
  type,
}: {
  readonly topic: string;
  readonly type: string;
}): string | undefined {
  const transport = VIDEO[type];
  if (transport === undefined) return undefined;
  const base = baseTopic(topic);
  return (
    `\`${topic}\` is video (${type}), of which rxdepth reads no pictures; convert it: ` +
    `\`ros2 run image_transport republish ${transport} raw --ros-args -r in/${transport}:=${topic} -r out:=${base}_decoded\` ` +
    `while \`ros2 bag play\` plays the recording and \`ros2 bag record -a\` records the new one`
  );
}
