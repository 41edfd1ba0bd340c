import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { OUTPUTS } from '../../perception/outputs.js';
import { PANELS, type PanelName } from '../page-protocol.js';
import type { ViewChannel } from './view-message.js';

/** Where each panel's messages come from; a panel without topics is absent. Depth may come on either of its topics. */
export type PanelTopics = ReadonlyMap<PanelName, readonly string[]>;

type Topic = Pick<ViewChannel, 'topic' | 'type'>;
type OutputPanel = Exclude<PanelName, 'camera'>;

const OUTPUTS_OF: Readonly<Record<OutputPanel, readonly string[]>> = {
  depth: [OUTPUTS.depth.topic, OUTPUTS.relative.topic],
  labels: [OUTPUTS.labels.topic],
  dynamic: [OUTPUTS.dynamic.topic],
  moving: [OUTPUTS.moving.topic],
  confidence: [OUTPUTS.confidence.topic],
  cloud: [OUTPUTS.points.topic],
};
const OUTPUT_PANELS = PANELS.filter((panel) => panel !== 'camera');

/** The topics that each panel of the page can show. */
export function panelTopics(channels: readonly Topic[], camera: string | undefined): PanelTopics {
  const found = new Map<PanelName, readonly string[]>();
  const pictures = channels.filter(({ topic, type }) => topic === camera && isPicture(type));
  if (pictures.length > 0)
    found.set(
      'camera',
      pictures.map(({ topic }) => topic),
    );
  for (const [panel, topics] of bestOutputs(channels)) found.set(panel, topics);
  return found;
}

/** Whether the topics are those of a perception node: others have clouds under `points` too, but no depth and no classes beside. */
export function hasOutputs(topics: readonly Topic[]): boolean {
  return [...bestOutputs(topics).keys()].some((panel) => panel !== 'cloud');
}

/** Those of the namespace with the most panels: a LiDAR's `/velodyne/points` is none of ours. */
function bestOutputs(topics: readonly Topic[]): ReadonlyMap<OutputPanel, readonly string[]> {
  const namespaces = new Map<string, Map<OutputPanel, readonly string[]>>();
  for (const panel of OUTPUT_PANELS) {
    const wanted = panel === 'cloud' ? pointCloud2Codec.type : imageCodec.type;
    for (const { topic, type } of topics) {
      const name = OUTPUTS_OF[panel].find((one) => topic === one || topic.endsWith(`/${one}`));
      if (name === undefined || type !== wanted) continue;
      const namespace = topic.slice(0, topic.length - name.length);
      const panels = namespaces.get(namespace) ?? new Map<OutputPanel, readonly string[]>();
      panels.set(panel, [...(panels.get(panel) ?? []), topic]);
      namespaces.set(namespace, panels);
    }
  }
  const [best] = [...namespaces.values()].sort((a, b) => b.size - a.size);
  return best ?? new Map();
}

function isPicture(type: string): boolean {
  return type === imageCodec.type || type === compressedImageCodec.type;
}
