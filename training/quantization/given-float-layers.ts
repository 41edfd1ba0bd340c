import { existsSync } from 'node:fs';
import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { parseVersionId } from '../../models/versions/version-id.js';
import { TrainingError } from '../errors.js';
import { isNarrowHead } from '../onnx/narrow-head.js';
import { readOnnxFile } from '../onnx/onnx-file.js';
import { allNodes, type EditableGraph, editableGraph } from './editable-graph.js';
import { foldWeights } from './fold-weights.js';
import { foldedGraph } from './folded-graph.js';
import { planQuantization } from './quantization-plan.js';

/** Names that a message shows of all there are. */
const SHOWN = 4;

/**
 * The convolutions that a user wants to stay in float.
 * @param given what `--float` names: convolutions of `model`, and models of the same network in 8 bits, whose choice is
 * taken. Folders and `NAME/N` are models. Convolutions of such a model are found by their place in the graph: another
 * export may have named them otherwise.
 * @returns names of convolutions of `model`, each once, in the order given.
 * @throws TrainingError where one is neither, and where nothing would compute in 8 bits.
 */
export async function givenFloatLayers(model: LoadedModel, given: readonly string[]): Promise<string[]> {
  const { convolutions } = planQuantization(foldedGraph(await readOnnxFile(model.graphPath)));
  const ids = new Set(convolutions.map(({ id }) => id));
  const chosen = new Set<string>();
  for (const text of given) {
    if (ids.has(text)) chosen.add(text);
    else if (isModel(text)) {
      for (const id of await choiceOf(text, model)) if (ids.has(id)) chosen.add(id);
    } else
      throw new TrainingError(
        `--float: \`${text}\` is neither a model nor a convolution of ${model.folder} that computes in 8 bits. ` +
          `${someOf([...ids])}; an 8-bit copy's manifest names those that a search chose (\`quantization.float\`).`,
        { field: '--float' },
      );
  }
  if (ids.size > 0 && chosen.size === ids.size)
    throw new TrainingError(
      `--float names all ${ids.size} convolutions of ${model.folder}: nothing would compute in 8 bits. Name fewer of them.`,
      { field: '--float' },
    );
  return [...chosen];
}

interface NamedConvolution {
  readonly id: string;
  readonly kernel: readonly number[];
}

/**
 * Convolutions with constant filters, in the order of the graph, rounded or not. Narrow heads are left out: versions differ in
 * how they write them.
 */
async function convolutionsOf({ graphPath }: LoadedModel): Promise<NamedConvolution[]> {
  const graph = editableGraph(await readOnnxFile(graphPath));
  foldWeights(graph);
  const constants = new Map(graphsOf(graph).flatMap((each) => [...each.constants]));
  const found: NamedConvolution[] = [];
  for (const { node } of allNodes(graph)) {
    if (node.opType !== 'Conv') continue;
    // As quantizeGraph names what it writes.
    const id = (node.outputs[0] ?? '').replace(/\.exact$/, '');
    const filter = node.inputs[1] ?? '';
    const constant = constants.get(filter === `${id}.w` ? `${id}.w8` : filter);
    if (constant === undefined) continue;
    const [channels = 0, , ...kernel] = constant.shape;
    if (!isNarrowHead(channels, kernel)) found.push({ id, kernel });
  }
  return found;
}

function graphsOf(graph: EditableGraph): EditableGraph[] {
  return [...new Set([graph, ...[...allNodes(graph)].map(({ graph: each }) => each)])];
}

function isModel(text: string): boolean {
  return existsSync(text) || parseVersionId(text) !== undefined;
}

/** What another model of the same network has in float, by the names that `model` has for them. */
async function choiceOf(text: string, model: LoadedModel): Promise<string[]> {
  const other = await loadModel(await resolveModel(text));
  const { quantization } = other.manifest;
  if (quantization === undefined)
    throw new TrainingError(
      `--float ${text}: the model computes in float, so it says of no layer that it has to. Name a model in 8 bits, or layers.`,
      { file: other.folder, field: '--float' },
    );
  const [own, theirs] = [await convolutionsOf(model), await convolutionsOf(other)];
  const isSame =
    theirs.length === own.length &&
    theirs.every(({ kernel }, i) => kernel.join() === own[i].kernel.join()) &&
    quantization.float.every((name) => theirs.some(({ id }) => id === name));
  if (!isSame)
    throw new TrainingError(
      `--float ${text}: its network is another than that of ${model.folder} (${theirs.length} and ${own.length} convolutions, ` +
        'or other filters), so its choice says nothing about this one. Name layers, or leave --float out to have them looked for.',
      { file: other.folder, field: '--float' },
    );
  return own.filter((_, i) => quantization.float.includes(theirs[i].id)).map(({ id }) => id);
}

function someOf(ids: readonly string[]): string {
  const shown = ids
    .slice(0, SHOWN)
    .map((id) => `\`${id}\``)
    .join(', ');
  return `It has ${ids.length} convolutions: ${shown}${ids.length > SHOWN ? ', ...' : ''}`;
}
