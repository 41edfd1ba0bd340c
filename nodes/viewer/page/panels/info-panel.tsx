import { useState } from 'preact/hooks';
import { Models } from './models.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { Plots } from './plots.js';

/** Figures over time, and the versions of the model. */
export function InfoPanel({
  store,
  connection,
  isLarge,
  onLarge,
  theme,
}: PanelProps & { readonly theme: string }) {
  const [tab, setTab] = useState<'figures' | 'models'>('figures');
  const tabs = (
    <span class="tabs" role="tablist">
      {(['figures', 'models'] as const).map((name) => (
        <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
          {name}
        </button>
      ))}
    </span>
  );
  return (
    <PanelFrame
      name="info"
      title={tab === 'figures' ? 'Figures' : 'Models'}
      isLarge={isLarge}
      onLarge={onLarge}
      extra={tabs}
    >
      <div class="scroll" role="tabpanel">
        {tab === 'figures' ? (
          <Plots store={store} theme={theme} />
        ) : (
          <Models store={store} connection={connection} />
        )}
      </div>
    </PanelFrame>
  );
}
