import type { ComponentChildren } from 'preact';

export interface PanelFrameProps {
  readonly name: string;
  readonly title: string;
  /** What the cursor is on, or how old what is shown is. */
  readonly note?: string | undefined;
  readonly isLarge: boolean;
  readonly onLarge: () => void;
  readonly extra?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A panel's border: its name, what it says of the cursor's place, and the button that makes it large. */
export function PanelFrame({ name, title, note, isLarge, onLarge, extra, children }: PanelFrameProps) {
  return (
    <section class={`panel panel-${name}${isLarge ? ' large' : ''}`} aria-label={title} data-panel={name}>
      <header>
        <h2>{title}</h2>
        <output class="note">{note}</output>
        {extra}
        <button
          type="button"
          class="icon"
          onClick={onLarge}
          aria-pressed={isLarge}
          title={isLarge ? 'Show all panels (Esc)' : 'Show this panel alone'}
        >
          {isLarge ? '⤡' : '⤢'}
        </button>
      </header>
      <div class="body">{children}</div>
    </section>
  );
}
