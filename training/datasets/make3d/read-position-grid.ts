import { TrainingError } from '../../errors.js';
import { readMat } from '../files/read-mat.js';
import type { SparseDepth } from '../stores/sparse-depth.js';
import { sparseFromDense } from '../stores/sparse-depth.js';

/**
 * The laser depths of a Make3D picture, metres: `Position3DGrid` [55, 305, 4], of which the last are the depths. The grid
 * covers the whole picture.
 * @param mostMeters depths beyond count as this; left out: they stay.
 * @throws TrainingError naming the file.
 */
export async function readPositionGrid(file: string, mostMeters?: number): Promise<SparseDepth> {
  const { shape, values } = await readMat(file, 'Position3DGrid');
  const [rows = 0, columns = 0, layers = 0] = shape;
  if (shape.length !== 3 || layers < 4 || rows < 1 || columns < 1) {
    throw new TrainingError(
      `${file}: expected \`Position3DGrid\` as \`[55, 305, 4]\`, got [${shape.join(', ')}]`,
      { file },
    );
  }
  const depths = new Float32Array(rows * columns);
  const offset = 3 * rows * columns; // column major: the fourth layer
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const depth = values[offset + column * rows + row] ?? Number.NaN;
      depths[row * columns + column] = mostMeters === undefined ? depth : Math.min(depth, mostMeters);
    }
  }
  return sparseFromDense(depths, rows, columns);
}
