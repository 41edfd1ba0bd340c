import { useState } from 'preact/hooks';
import { Adaptations } from './adaptations.js';
import { Models } from './models.js';
import { PanelFrame } from './panel-frame.js';
import type { PanelProps } from './panel-props.js';
import { Plots } from './plots.js';

const TABS = ['figures', 'models', 'adaptation'] as const;
type Tab = (typeof TABS)[number];
const TITLES: Readonly<Record<Tab, string>> = {
  figures: 'Figures',
  models: 'Models',
  adaptation: 'Adaptation',
};

/** Figures over time, runs of adaptation, and the versions of the model. */
export function InfoPanel({
  store,
  connection,
  isLarge,
  onLarge,
  theme,
}: PanelProps & { readonly theme: string }) {
  const [tab, setTab] = useState<Tab>('figures');
  const tabs = (
    <span class="tabs" role="tablist">
      {TABS.map((name) => (
        <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
          {name}
        </button>
      ))}
    </span>
  );
  return (
    <PanelFrame name="info" title={TITLES[tab]} isLarge={isLarge} onLarge={onLarge} extra={tabs}>
      <div class="scroll" role="tabpanel">
        {tab === 'figures' && <Plots store={store} theme={theme} isLarge={isLarge} />}
        {tab === 'models' && <Models store={store} connection={connection} />}
        {tab === 'adaptation' && <Adaptations store={store} connection={connection} />}
      </div>
    </PanelFrame>
  );
}
