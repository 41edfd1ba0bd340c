import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../../models/manifest.js';
import { parseDomainMix } from '../../datasets/prepare/domain-mix.js';
import { fillWithSimulator } from '../../datasets/prepare/simulator-samples.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { TrainingError } from '../../errors.js';
import { enetClassWeights } from '../../losses/class-weights.js';
import { domainNamed } from '../../simulator/domains.js';

export interface SampleSet {
  readonly folder: string;
  readonly description: StoreDescription;
}

export interface SourceOptions {
  /** Where sets are kept; they are shared by all adaptations. */
  readonly folder: string;
  readonly domains: readonly string[];
  /** Size of the network's pictures; samples are larger, pictures are cropped out of them. */
  readonly width: number;
  readonly height: number;
  /** Default: `SAMPLE_COUNTS`. */
  readonly counts?: { readonly rehearsed: number; readonly judged: number };
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (complete: number, all: number) => void;
}

/** How many samples are rehearsed while adapting to a short drive, and kept aside for the judge. */
export const SAMPLE_COUNTS = { rehearsed: 240, judged: 48 } as const;

/** From twice as many triplets on, more samples are rehearsed; and at most so many times as many. */
const SHORT_DRIVE_TRIPLETS = 160;
const MOST_TIMES = 3;

/**
 * How many samples are rehearsed: a long drive is learned from in many steps, in which few samples would be learned by
 * heart. Whole multiples, so that drives of about the same length share what is rendered.
 */
export function rehearsedCount(ofShortDrive: number, triplets: number): number {
  return ofShortDrive * Math.max(1, Math.min(MOST_TIMES, Math.floor(triplets / SHORT_DRIVE_TRIPLETS)));
}

/** Seeds that no training run draws its samples from. */
const SEEDS = { rehearsed: 910_000_000, judged: 920_000_000 } as const;
const MARGIN = 1.0625;

/**
 * Domains of the simulator that a model was trained in, by its provenance.
 * @throws TrainingError when it comes from elsewhere: what must not be forgotten has to be named then.
 */
export function sourceDomains({ provenance, name }: Manifest, named?: string): string[] {
  const text = named ?? /simulator[^;]*?(?:, domain | )([a-z][a-z0-9:,-]*)/.exec(provenance.data)?.[1];
  const domains = (text ?? '').split(',').flatMap((part) => part.split(':')[0] || []);
  if (domains.length === 0) {
    throw new TrainingError(
      `${name}: its provenance names no domain of the simulator (\`${provenance.data}\`); name what it must not ` +
        'forget with `--source-domain`.',
    );
  }
  for (const domain of domains) domainNamed(domain);
  return domains;
}

type SetOptions = Pick<SourceOptions, 'folder' | 'domains' | 'width' | 'height' | 'counts'>;

/** How many samples of a set are not rendered yet. */
export function missingSamples(options: SetOptions, kind: 'rehearsed' | 'judged'): number {
  const { folder, description } = sampleSet(options, kind);
  if (!existsSync(folder)) return description.count;
  const store = SampleStore.open(folder, description);
  const { length } = store.missing();
  store.close();
  return length;
}

/** The set of samples, rendered as far as it is not there yet. */
export async function sourceSamples(
  options: SourceOptions,
  kind: 'rehearsed' | 'judged',
): Promise<SampleSet> {
  const { workers, signal, onProgress } = options;
  const { domain, ...set } = sampleSet(options, kind);
  await fillWithSimulator({
    ...{ ...set, domain, workers },
    ...(signal && { signal }),
    onProgress: (complete) => onProgress?.(complete, set.description.count),
  });
  return set;
}

function sampleSet(
  options: SetOptions,
  kind: 'rehearsed' | 'judged',
): SampleSet & { readonly domain: string } {
  const { domains } = options;
  const count = (options.counts ?? SAMPLE_COUNTS)[kind];
  const share = Math.floor(count / domains.length);
  const domain = domains.map((name, i) => (i < domains.length - 1 ? `${name}:${share}` : name)).join();
  parseDomainMix(domain, count);
  const width = Math.round(options.width * MARGIN);
  const height = Math.round(options.height * MARGIN);
  return {
    domain,
    folder: path.join(options.folder, `${kind}-${domains.join('+')}-${width}x${height}-${count}`),
    description: { source: `simulator ${domain}`, seed: SEEDS[kind], width, height, count },
  };
}

/** Class weights of the cross-entropy, by the pixels of the first samples. */
export function classWeightsOf({ folder, description }: SampleSet, classes: number): number[] {
  const counts = new Array<number>(256).fill(0);
  const store = SampleStore.open(folder, description);
  for (let i = 0; i < Math.min(100, description.count); i++) {
    for (const label of store.read(i).labels) counts[label]++;
  }
  store.close();
  return enetClassWeights(counts.slice(0, classes));
}
