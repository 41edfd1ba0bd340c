/** Where the pictures of a topic of video are served, as sensor_msgs/Image, beside its packets. */
export function decodedTopic(topic: string): string {
  return `${topic}/decoded`;
}
