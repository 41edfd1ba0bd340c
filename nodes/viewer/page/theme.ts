import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'dark' | 'light';

const THEMES: readonly Theme[] = ['system', 'dark', 'light'];
const KEY = 'rxdepth-theme';

/** The page's colours, remembered by the browser, and what changes to the next. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(remembered);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that remembers nothing shows the same.
    }
  }, [theme]);
  return [
    theme,
    () => setTheme((before) => THEMES[(THEMES.indexOf(before) + 1) % THEMES.length] ?? 'system'),
  ];
}

function remembered(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}
