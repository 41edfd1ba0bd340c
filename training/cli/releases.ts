import type { Command } from 'commander';
import { readPrivateKey, readPublicKey, writeKeyPair } from '../../models/releases/release-keys.js';
import { formatVersionId } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';

/** `model keygen`, `sign` and `pull`: how vehicles come to a version that others learned. */
export function registerReleases(
  model: Command,
  folderOf: (text: string | undefined) => Promise<string>,
): void {
  model
    .command('keygen')
    .description(
      'Make a pair of ed25519 keys: KEY, to sign releases with and to keep secret, and KEY.pub, for vehicles.',
    )
    .argument('<key>', 'file of the private key, which must not exist; the public one is KEY.pub')
    .action(async (file: string) => {
      const { id, publicFile } = await writeKeyPair(file);
      process.stdout.write(`${file} (keep it secret)\n${publicFile} (for vehicles), key ${id}\n`);
    });
  model
    .command('sign')
    .description(
      'Add a version to a folder of releases, signed, as its newest one; vehicles take it with `model pull`.',
    )
    .argument('[version]', 'NAME/N, N of the current name, or a model folder (default: the current version)')
    .requiredOption('--key <file>', 'private key, as `model keygen` writes it')
    .requiredOption(
      '-o, --output <folder>',
      'folder of releases: any web server or S3-compatible store may serve it',
    )
    .action(async (text: string | undefined, flags: { key: string; output: string }) => {
      const { signModel } = await import('../../models/releases/sign-model.js');
      const key = await readPrivateKey(flags.key);
      const { release, folder } = await signModel(await folderOf(text), flags.output, key);
      process.stdout.write(`release ${release.release} of ${release.name} (${folder})\n`);
    });
  model
    .command('pull')
    .description(
      'Fetch the newest release of a folder or URL and store it as a version. Signature, sizes and hashes are checked first; ' +
        'an older release than the last one is refused. The current version stays what it is, unless --use is given.',
    )
    .argument('<source>', 'folder of releases, or its URL: s3://, https://, http://')
    .requiredOption('--trust <file>', 'public key of who signs, as `model keygen` writes it to KEY.pub')
    .option('--use', 'make it the current version')
    .option('--allow-downgrade', 'take an older release than the one that was pulled before')
    .action(async (source: string, flags: { trust: string; use?: boolean; allowDowngrade?: boolean }) => {
      const { pullModel } = await import('../../models/releases/pull-model.js');
      const store = new VersionStore();
      const trusted = await readPublicKey(flags.trust);
      const { allowDowngrade = false } = flags;
      const { release, version, isKnown } = await pullModel({ source, trusted, store, allowDowngrade });
      const name = formatVersionId(version);
      const before = flags.use ? await store.use(version) : undefined;
      const use =
        before === undefined
          ? `\`rxdepth model use ${name}\` chooses it`
          : `current (was ${formatVersionId(before)})`;
      process.stdout.write(`${name}: release ${release}${isKnown ? ', pulled before' : ''}; ${use}\n`);
    });
}
