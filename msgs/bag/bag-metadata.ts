import { parse, stringify } from 'yaml';
import { MessageError } from '../errors.js';
import { yamlNesting } from '../yaml-nesting.js';

/** What the reader needs of a rosbag2 `metadata.yaml`, of any version (1 to 9). */
export interface BagMetadata {
  readonly version: number;
  readonly storage: string;
  /** File names as listed; before version 4 with the folder's name in front. */
  readonly files: readonly string[];
  readonly compression: 'none' | 'file' | 'message';
  readonly compressionFormat: string;
  /** Announced messages by topic, as far as they are numbers. */
  readonly messageCounts: ReadonlyMap<string, number>;
}

/** Longer than that of ten thousand files; parsing takes time in proportion. */
export const MAX_METADATA_BYTES = 2 << 20;
/** That of rosbag2 is indented by 10 columns. */
const MAX_NESTING = 100;

/** What `metadata.yaml` of a written bag says. */
export interface BagSummary {
  readonly file: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly messageCount: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly type: string;
    readonly qos: string;
    readonly messageCount: number;
  }[];
}

/** Parses `metadata.yaml`; throws MessageError naming what is wrong in it. */
export function parseBagMetadata(text: string, path: string): BagMetadata {
  if (yamlNesting(text) > MAX_NESTING)
    throw new MessageError(`\`${path}\` nests deeper than \`metadata.yaml\` ever does`, { file: path });
  let root: unknown;
  try {
    // What rosbag2 writes has neither aliases nor keys that occur twice; to look for these takes the square of the time.
    root = parse(text, { intAsBigInt: true, maxAliasCount: 0, uniqueKeys: false, logLevel: 'error' });
  } catch (cause) {
    throw new MessageError(`\`${path}\` is no valid YAML: ${(cause as Error).message}`, {
      file: path,
      cause,
    });
  }
  const info = (root as Record<string, unknown> | null)?.rosbag2_bagfile_information;
  if (typeof info !== 'object' || info === null) {
    throw new MessageError(`\`${path}\` has no \`rosbag2_bagfile_information\``, { file: path });
  }
  const fields = info as Record<string, unknown>;
  const files = fields.relative_file_paths;
  const mode = String(fields.compression_mode ?? '').toLowerCase();
  return {
    version: Number(fields.version ?? 0),
    storage: String(fields.storage_identifier ?? ''),
    files: Array.isArray(files) ? files.map(String) : [],
    compression: mode === 'file' || mode === 'message' ? mode : 'none',
    compressionFormat: String(fields.compression_format ?? ''),
    messageCounts: messageCounts(fields.topics_with_message_count),
  };
}

/** Numbers of messages by topic. The counts of a topic that is listed twice are added up. */
function messageCounts(list: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
    const { topic_metadata: topic, message_count: count } = (entry ?? {}) as Record<string, unknown>;
    const name = (topic as { readonly name?: unknown } | null | undefined)?.name;
    if (typeof name !== 'string' || typeof count !== 'bigint' || count < 0n) continue;
    counts.set(name, (counts.get(name) ?? 0) + Number(count));
  }
  return counts;
}

/**
 * `metadata.yaml` of a bag with one MCAP file. Version 5, the oldest with per-file information, which every
 * distribution since Humble reads.
 */
export function formatBagMetadata(bag: BagSummary): string {
  const starting_time = { nanoseconds_since_epoch: bag.startNs };
  const duration = { nanoseconds: bag.endNs - bag.startNs };
  return stringify({
    rosbag2_bagfile_information: {
      version: 5,
      storage_identifier: 'mcap',
      duration,
      starting_time,
      message_count: bag.messageCount,
      topics_with_message_count: bag.topics.map(({ topic, type, qos, messageCount }) => ({
        topic_metadata: { name: topic, type, serialization_format: 'cdr', offered_qos_profiles: qos },
        message_count: messageCount,
      })),
      compression_format: '',
      compression_mode: '',
      relative_file_paths: [bag.file],
      files: [
        {
          path: bag.file,
          starting_time: { ...starting_time },
          duration: { ...duration },
          message_count: bag.messageCount,
        },
      ],
    },
  });
}
