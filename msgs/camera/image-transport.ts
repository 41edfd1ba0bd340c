/** What image_transport and its like add to a topic's name, and drivers after `_`. */
const SUFFIX =
  /[/_](compressed|compressedDepth|compressed_depth|theora|ffmpeg|foxglove|h26[45]|video|compressed_?[vV]ideo|zstd|jpe?g|png|throttled?|republished|repub)$/;

/** A topic without the names of its transports: `/cam/image_raw` for `/cam/image_raw/compressed`. */
export function baseTopic(topic: string): string {
  const base = topic.replace(SUFFIX, '');
  return base === topic || base === '' ? topic : baseTopic(base);
}

/** What makes pictures of a video topic that is not decoded here. @param transport its name in image_transport */
export function conversionOf(topic: string, transport: string): string {
  return (
    `\`ros2 run image_transport republish ${transport} raw --ros-args -r in/${transport}:=${topic} ` +
    `-r out:=${baseTopic(topic)}_decoded\` while \`ros2 bag play\` plays the recording and \`ros2 bag record -a\` ` +
    'records the new one'
  );
}

/** Why messages of a topic are video of which no pictures are read, and what to do; undefined for other topics. */
export function videoRemedy({
  topic,
  type,
  serialization,
}: {
  readonly topic: string;
  readonly type: string;
  readonly serialization: string;
}): string | undefined {
  const isVideo = `\`${topic}\` is video (${type})`;
  if (type === 'theora_image_transport/msg/Packet')
    return `${isVideo}, of which rxdepth reads no pictures; convert it: ${conversionOf(topic, 'theora')}`;
  if (serialization === 'cdr' || !/\b(CompressedVideo|FFMPEGPacket)$/.test(type)) return undefined;
  return (
    `${isVideo} in messages of \`${serialization}\`, and rxdepth reads those of ROS 2 (\`cdr\`): record it as ` +
    '`foxglove_msgs/msg/CompressedVideo`'
  );
}
