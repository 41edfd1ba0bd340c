import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../models/package-root.js';
import { conversionGraphs } from '../perception-graph/conversion-graphs.js';

/** Writes `models/conversions/*.onnx`; to be run after a change of conversion-graphs.ts or of the graph builder. */
const folder = path.join(packageRoot(), 'models', 'conversions');
await mkdir(folder, { recursive: true });
for (const [name, graph] of conversionGraphs())
  await writeFile(path.join(folder, `${name}.onnx`), graph.toModel());
