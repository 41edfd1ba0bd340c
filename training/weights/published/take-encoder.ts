import { TrainingError } from '../../errors.js';
import type { ParameterSpec } from '../../networks/scope.js';
import type { Parameters } from '../parameters.js';
import type { EncoderFile } from './encoder-file.js';
import { encoderLayoutOf } from './encoder-layouts.js';
import { isComplete, reportText } from './report-text.js';
import { takeParameters } from './take-parameters.js';

/**
 * The encoder's weights out of a published classification network.
 * @param specs of the whole network that is trained; those of its encoder begin with `encoder.`.
 * @returns all of the encoder's parameters, and a report for people.
 * @throws TrainingError with that report unless every parameter of the encoder was found.
 */
export function takeEncoder(
  { checkpoint, origin }: EncoderFile,
  specs: readonly ParameterSpec[],
): { parameters: Parameters; report: string } {
  const layout = encoderLayoutOf(checkpoint.tensors.keys());
  if (layout === undefined) {
    const some = [...checkpoint.tensors.keys()].slice(0, 3).map((key) => `\`${key}\``);
    throw new TrainingError(
      `--init-encoder ${origin.file}: expected a ResNet in torchvision's layout (\`layer1.0.conv1.weight\` ...) or an EfficientNet ` +
        `in EfficientNet-PyTorch's (\`_blocks.0._bn1.weight\` ...), found ${some.join(', ')} ...`,
      { field: '--init-encoder' },
    );
  }
  const tensors = [...checkpoint.tensors].map(([key, view]) => ({
    ...{ file: origin.file, key, inPoseEncoder: false, view },
    floats: () => checkpoint.floats(key),
  }));
  const encoder = specs.filter(({ name }) => name.startsWith('encoder.'));
  const { parameters, report } = takeParameters(tensors, layout, encoder);
  const text = reportText(report);
  // Tensors of further layers belong to a deeper network of the same family.
  const deeper = report.extra.filter((key) => layout.fate({ key })?.kind === 'take');
  if (!isComplete(report) || deeper.length > 0) {
    throw new TrainingError(
      `--init-encoder ${origin.file} (${layout.title}) is not the encoder of this network: choose the preset of its kind and size.\n${text}`,
      { field: '--init-encoder' },
    );
  }
  return { parameters, report: `${origin.file}, ${layout.title}:\n${text}` };
}
