import { useEffect, useState } from 'preact/hooks';
import type { PanelName } from '../page-protocol.js';
import type { Connection } from './connection.js';
import type { Frames } from './frames.js';
import { Keys } from './keys.js';
import { CameraPanel } from './panels/camera-panel.js';
import { CloudPanel } from './panels/cloud-panel.js';
import { ConfidencePanel } from './panels/confidence-panel.js';
import { DepthPanel } from './panels/depth-panel.js';
import { InfoPanel } from './panels/info-panel.js';
import { LabelsPanel } from './panels/labels-panel.js';
import { MovingPanel } from './panels/moving-panel.js';
import { type PageState, type Store, useStore } from './store.js';
import { type Theme, useTheme } from './theme.js';
import { Timeline } from './timeline.js';

type Place = 'camera' | 'depth' | 'labels' | 'moving' | 'confidence' | 'cloud' | 'info';

/** What each place needs to be drawn. */
const NEEDS: Readonly<Record<Place, readonly PanelName[]>> = {
  camera: ['camera'],
  depth: ['depth'],
  labels: ['labels', 'camera'],
  moving: ['moving', 'dynamic', 'camera'],
  confidence: ['confidence'],
  cloud: ['cloud', 'moving'],
  info: [],
};

export interface AppProps {
  readonly store: Store<PageState>;
  readonly frames: Frames;
  readonly connection: Connection;
}

/** The whole page. */
export function App({ store, frames, connection }: AppProps) {
  const available = useStore(store, ({ panels }) => panels);
  const [large, setLarge] = useState<Place | undefined>(undefined);
  const [theme, nextTheme] = useTheme();
  const places: readonly Place[] = [
    ...(['camera', 'depth', 'labels', 'moving'] as const),
    ...(available.has('confidence') ? (['confidence'] as const) : []),
    ...(['cloud', 'info'] as const),
  ];
  const seen = large === undefined ? places : [large];

  useEffect(() => {
    const needed = new Set(seen.flatMap((place) => NEEDS[place]));
    connection.show([...needed].filter((panel) => available.has(panel)));
  }, [seen.join(), available]);

  useEffect(() => {
    const pressed = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent) => {
      if (
        ctrlKey ||
        metaKey ||
        altKey ||
        (target instanceof HTMLElement && target.closest('select, dialog[open]'))
      )
        return;
      const place = places[Number(key) - 1];
      if (key === 'Escape') setLarge(undefined);
      else if (key === 't') nextTheme();
      else if (place !== undefined) setLarge((before) => (before === place ? undefined : place));
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [places.join()]);

  const props = (place: Place) => ({
    ...{ store, frames, connection, isLarge: large === place },
    onLarge: () => setLarge(large === place ? undefined : place),
  });
  const panels: Readonly<Record<Place, () => preact.JSX.Element>> = {
    camera: () => <CameraPanel key="camera" {...props('camera')} />,
    depth: () => <DepthPanel key="depth" {...props('depth')} />,
    labels: () => <LabelsPanel key="labels" {...props('labels')} />,
    moving: () => <MovingPanel key="moving" {...props('moving')} />,
    confidence: () => <ConfidencePanel key="confidence" {...props('confidence')} />,
    cloud: () => <CloudPanel key="cloud" {...props('cloud')} />,
    info: () => <InfoPanel key="info" {...props('info')} theme={theme} />,
  };
  return (
    <>
      <Head store={store} theme={theme} onTheme={nextTheme} />
      <Troubles store={store} />
      <Notices store={store} connection={connection} />
      <main class={large === undefined ? `stage of-${places.length}` : 'stage one'}>
        {seen.map((place) => panels[place]())}
      </main>
      <Timeline store={store} connection={connection} />
    </>
  );
}

function Head(props: {
  readonly store: Store<PageState>;
  readonly theme: Theme;
  readonly onTheme: () => void;
}) {
  const { store, theme, onTheme } = props;
  const hello = useStore(store, (state) => state.hello);
  const connection = useStore(store, (state) => state.connection);
  const models = useStore(store, (state) => state.models);
  const status = useStore(store, ({ statuses }) => statuses.at(-1)?.status);
  const model = models?.running ?? status?.model;
  return (
    <header class="head">
      <h1>
        rxdepth <span class="subject">{hello?.name.split('/').filter(Boolean).at(-1) ?? ''}</span>
      </h1>
      <span class="facts">
        {model !== undefined && <b class="model">{model}</b>}
        {status !== undefined && (
          <>
            <span title={status.device}>{status.provider}</span>
            <span title="Frames with a result, a second">{status.outputHz.toFixed(1)} Hz</span>
            {status.p50Ms !== null && (
              <span title="Median time from an image to its depth">{status.p50Ms.toFixed(0)} ms</span>
            )}
            <span>{status.dropped} dropped</span>
            {status.scale !== null && (
              <span>
                scale {status.scale.toFixed(2)} ({status.scaleSource})
              </span>
            )}
          </>
        )}
      </span>
      <span class={`connection ${connection}`} role="status">
        {connection === 'open'
          ? '● connected'
          : connection === 'connecting'
            ? '○ connecting'
            : '○ no connection, trying again'}
      </span>
      <Keys />
      <button type="button" onClick={onTheme} title="Dark, light, or as the system has it (t)">
        <span aria-hidden="true">◐</span> <span class="word">{theme}</span>
      </button>
    </header>
  );
}

/** What a live node lacks, for as long as it lacks it. */
function Troubles({ store }: Pick<AppProps, 'store'>) {
  const troubles = useStore(store, (state) => state.troubles);
  if (troubles.length === 0) return null;
  return (
    <ul class="troubles" role="status">
      {troubles.map((text) => (
        <li key={text.replace(/\d+(\.\d+)?/g, '#')}>{text}</li>
      ))}
    </ul>
  );
}

function Notices({ store, connection }: Pick<AppProps, 'store' | 'connection'>) {
  const notices = useStore(store, (state) => state.notices);
  if (notices.length === 0) return null;
  const shown = notices.slice(-3);
  return (
    <div class="notices" role="alert">
      {shown.map(({ id, text }) => (
        <p key={id}>
          {text}
          <button type="button" class="icon" title="Dismiss" onClick={() => connection.dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
