import { parse, stringify } from 'yaml';
import { MessageError } from '../errors.js';

/** What the reader needs of a rosbag2 `metadata.yaml`, of any version (1 to 9). */
export interface BagMetadata {
  readonly version: number;
  readonly storage: string;
  /** File names as listed; before version 4 with the folder's name in front. */
  readonly files: readonly string[];
  readonly compression: 'none' | 'file' | 'message';
  readonly compressionFormat: string;
}

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
  let root: unknown;
  try {
    root = parse(text, { intAsBigInt: true });
  } catch (cause) {
    throw new MessageError(`\`${path}\` is no valid YAML: ${(cause as Error).message}`, { cause });
  }
  const info = (root as Record<string, unknown> | null)?.rosbag2_bagfile_information;
  if (typeof info !== 'object' || info === null) {
    throw new MessageError(`\`${path}\` has no \`rosbag2_bagfile_information\``);
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
  };
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
