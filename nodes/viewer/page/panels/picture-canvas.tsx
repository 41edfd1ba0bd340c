import { useEffect, useRef } from 'preact/hooks';
import type { PanelName } from '../../page-protocol.js';
import type { Frames } from '../frames.js';

export interface PictureCanvasProps {
  readonly frames: Frames;
  /** Panels whose frames are drawn here. */
  readonly of: readonly PanelName[];
  /** What decides the size; the first that is there. */
  readonly label: string;
  /** Draws everything; says nothing was there to be drawn with false. */
  readonly draw: (context: CanvasRenderingContext2D) => boolean;
  /** Width and height to draw at; undefined while nothing came. */
  readonly size: () => { readonly width: number; readonly height: number } | undefined;
  /** Where the cursor is, 0..1 of width and height; undefined when it left. */
  readonly onPoint?: (at: { readonly x: number; readonly y: number } | undefined) => void;
  /** Changes of these draw anew. */
  readonly inputs?: readonly unknown[];
  readonly waiting: string;
}

/** A canvas that is drawn anew whenever one of its frames comes, at most once a painting. */
export function PictureCanvas({
  frames,
  of,
  label,
  draw,
  size,
  onPoint,
  inputs = [],
  waiting,
}: PictureCanvasProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const drawRef = useRef({ draw, size, onPoint });
  drawRef.current = { draw, size, onPoint };
  const pointRef = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);

  useEffect(() => {
    let asked = 0;
    const paint = () => {
      asked = 0;
      const canvas = canvasRef.current;
      const context = canvas?.getContext('2d', { alpha: false });
      if (!canvas || !context) return;
      const wanted = drawRef.current.size();
      canvas.hidden = wanted === undefined;
      if (wanted === undefined) return;
      if (canvas.width !== wanted.width || canvas.height !== wanted.height) {
        canvas.width = wanted.width;
        canvas.height = wanted.height;
        canvas.parentElement?.style.setProperty('--shape', String(wanted.width / wanted.height));
      }
      if (drawRef.current.draw(context)) canvas.dataset.drawn = String(Number(canvas.dataset.drawn ?? 0) + 1);
      if (pointRef.current !== undefined) drawRef.current.onPoint?.(pointRef.current);
    };
    const ask = () => {
      if (asked === 0) asked = requestAnimationFrame(paint);
    };
    ask();
    const end = frames.subscribe((panel) => {
      if (of.includes(panel)) ask();
    });
    return () => {
      end();
      cancelAnimationFrame(asked);
    };
  }, [frames, of.join(), ...inputs]);

  const point = (event: PointerEvent) => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    const box = canvas.getBoundingClientRect();
    // The picture lies within its box with its own shape (object-fit: contain).
    const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
    const x = (event.clientX - box.left - (box.width - canvas.width * scale) / 2) / (canvas.width * scale);
    const y = (event.clientY - box.top - (box.height - canvas.height * scale) / 2) / (canvas.height * scale);
    pointRef.current = x >= 0 && x < 1 && y >= 0 && y < 1 ? { x, y } : undefined;
    onPoint?.(pointRef.current);
  };
  return (
    <div class="picture">
      <canvas
        ref={canvasRef}
        hidden
        role="img"
        aria-label={label}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => {
          pointRef.current = undefined;
          onPoint?.(undefined);
        }}
      />
      <p class="waiting">{waiting}</p>
    </div>
  );
}
