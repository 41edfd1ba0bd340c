import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { OUTPUTS } from '../../perception/outputs.js';
import { PANELS, type PanelName } from '../page-protocol.js';
import type { ViewChannel } from './view-message.js';

/** Where each panel's messages come from; a panel without topics is absent. Depth may come on either of its topics. */
export type PanelTopics = ReadonlyMap<PanelName, readonly string[]>;

const OUTPUTS_OF: Readonly<Record<Exclude<PanelName, 'camera'>, readonly string[]>> = {
  depth: [OUTPUTS.depth.topic, OUTPUTS.relative.topic],
  labels: [OUTPUTS.labels.topic],
  dynamic: [OUTPUTS.dynamic.topic],
  moving: [OUTPUTS.moving.topic],
  confidence: [OUTPUTS.confidence.topic],
  cloud: [OUTPUTS.points.topic],
};

export function panelTopics(channels: readonly ViewChannel[], camera: string | undefined): PanelTopics {
  const named = (names: readonly string[], type: string) =>
    channels
      .filter((channel) => channel.type === type)
      .filter(({ topic }) => names.some((name) => topic === name || topic.endsWith(`/${name}`)))
      .map(({ topic }) => topic);
  const found = new Map<PanelName, readonly string[]>();
  for (const panel of PANELS) {
    const topics =
      panel === 'camera'
        ? channels.filter(({ topic, type }) => topic === camera && isPicture(type)).map(({ topic }) => topic)
        : named(OUTPUTS_OF[panel], panel === 'cloud' ? pointCloud2Codec.type : imageCodec.type);
    if (topics.length > 0) found.set(panel, topics);
  }
  return found;
}

function isPicture(type: string): boolean {
  return type === imageCodec.type || type === compressedImageCodec.type;
}
