import { useEffect, useRef, useState } from 'preact/hooks';
import { CLOUD_COLORS, type CloudColor, cloudArrays } from '../drawing/cloud-colors.js';
import { CloudScene } from '../drawing/cloud-scene.js';
import { useStore } from '../store.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';

const TURN = Math.PI / 24;
const TURNS: Readonly<Record<string, readonly [radians: number, factor: number]>> = {
  ArrowLeft: [-TURN, 1],
  ArrowRight: [TURN, 1],
  ArrowUp: [0, 0.9],
  ArrowDown: [0, 1.1],
};

/** The cloud, to be turned with the mouse, fingers, or arrow keys. */
export function CloudPanel({ store, frames, isLarge, onLarge }: PanelProps) {
  const has = useStore(store, ({ panels }) => panels.has('cloud'));
  const classes = useStore(store, (state) => state.classes);
  const [by, setBy] = useState<CloudColor>('picture');
  const [count, setCount] = useState(0);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const sceneRef = useRef<CloudScene | undefined>(undefined);

  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas || !has) return undefined;
    let scene: CloudScene;
    try {
      scene = new CloudScene(canvas);
    } catch (error) {
      setProblem(`The cloud cannot be drawn, this browser gives no WebGL: ${(error as Error).message}`);
      return undefined;
    }
    sceneRef.current = scene;
    const colorOf = () => getComputedStyle(canvas).getPropertyValue('--well').trim() || '#0b1117';
    scene.background(colorOf());
    const themes = new MutationObserver(() => scene.background(colorOf()));
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const sizes = new ResizeObserver(() => scene.resize(canvas.clientWidth, canvas.clientHeight));
    sizes.observe(canvas);
    return () => {
      themes.disconnect();
      sizes.disconnect();
      scene.close();
      sceneRef.current = undefined;
    };
  }, [has]);

  useEffect(() => {
    const show = () => {
      const cloud = frames.latest('cloud');
      if (cloud === undefined || sceneRef.current === undefined) return;
      const arrays = cloudArrays(cloud, by, { classes, moving: frames.latest('moving') });
      sceneRef.current.show(arrays);
      setCount(arrays.count);
    };
    show();
    return frames.subscribe((panel) => {
      if (panel === 'cloud' || (panel === 'moving' && by === 'moving')) show();
    });
  }, [frames, by, classes, has]);

  const choice = (
    <label class="choice">
      <span class="word">colour </span>
      <select
        value={by}
        onChange={({ currentTarget }) => {
          // It offers no others.
          setBy(currentTarget.value as CloudColor);
          currentTarget.blur();
        }}
      >
        {CLOUD_COLORS.map((color) => (
          <option key={color} value={color}>
            {color}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => sceneRef.current?.reset()} title="Look from the camera again">
        reset
      </button>
    </label>
  );
  return (
    <PanelFrame
      name="cloud"
      title="Cloud"
      note={count > 0 ? `${count.toLocaleString('en')} points` : ''}
      isLarge={isLarge}
      onLarge={onLarge}
      extra={choice}
    >
      <div class="picture">
        {problem === undefined ? (
          <canvas
            ref={canvasRef}
            class="cloud"
            tabIndex={0}
            aria-label="The cloud; arrow keys turn it and come nearer, rings lie at 5, 10, 20 and 40 metres"
            data-points={count}
            onKeyDown={(event) => {
              const turn = TURNS[event.key];
              if (turn === undefined) return;
              event.preventDefault();
              event.stopPropagation();
              sceneRef.current?.turn(...turn);
            }}
          />
        ) : (
          <p class="waiting">{problem}</p>
        )}
        {!has && (
          <p class="waiting over">Depth has no metres here, or the model gives none: there is no cloud.</p>
        )}
      </div>
    </PanelFrame>
  );
}
