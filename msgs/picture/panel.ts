import { MessageError } from '../errors.js';
import { GLYPH_HEIGHT } from './bitmap-font.js';
import { drawText } from './draw-text.js';
import { resizePicture } from './resize-picture.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

export interface PanelTile {
  readonly caption: string;
  readonly picture: RgbPicture;
}

export interface PanelOptions {
  /** Tiles side by side, default 2 for wide tiles and more than one tile, else all in one row. */
  readonly columns?: number;
  /** Width of every tile, pixels; default the first picture's. Heights keep each picture's aspect ratio. */
  readonly tileWidth?: number;
}

const GAP = 4;

/**
 * Composes captioned pictures into one, row by row: camera | depth | labels | mask.
 * @throws MessageError without any tile.
 */
export function panel(tiles: readonly PanelTile[], options: PanelOptions = {}): RgbPicture {
  const first = tiles[0];
  if (first === undefined) throw new MessageError('A panel needs `at least one` picture.');
  const { tileWidth = first.picture.width } = options;
  const wide = first.picture.width > 1.2 * first.picture.height;
  const columns = Math.min(tiles.length, options.columns ?? (wide ? 2 : tiles.length));
  const size = tileWidth >= 480 ? 2 : 1;
  const captionHeight = GLYPH_HEIGHT * size + 4;
  const scaled = tiles.map(({ caption, picture }) => ({
    caption,
    picture: resizePicture(
      picture,
      tileWidth,
      Math.max(1, Math.round((picture.height * tileWidth) / picture.width)),
    ),
  }));
  const rows: (typeof scaled)[] = [];
  for (let i = 0; i < scaled.length; i += columns) rows.push(scaled.slice(i, i + columns));
  const rowHeights = rows.map((row) => captionHeight + Math.max(...row.map((tile) => tile.picture.height)));
  const result = rgbPicture(
    columns * tileWidth + (columns - 1) * GAP,
    rowHeights.reduce((sum, height) => sum + height, (rows.length - 1) * GAP),
  );
  let top = 0;
  for (const [rowIndex, row] of rows.entries()) {
    for (const [columnIndex, tile] of row.entries()) {
      const left = columnIndex * (tileWidth + GAP);
      drawText(result, { text: tile.caption, left: left + 3, top: top + 3, color: [235, 235, 235], size });
      paste(result, tile.picture, left, top + captionHeight);
    }
    top += (rowHeights[rowIndex] ?? 0) + GAP;
  }
  return result;
}

function paste(target: RgbPicture, source: RgbPicture, left: number, top: number): void {
  for (let row = 0; row < source.height; row++) {
    const line = source.rgb.subarray(row * source.width * 3, (row + 1) * source.width * 3);
    target.rgb.set(line, ((top + row) * target.width + left) * 3);
  }
}
