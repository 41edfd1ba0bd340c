import 'uplot/dist/uPlot.min.css';
import './style.css';
import { render } from 'preact';
import { App } from './app.js';
import { Connection } from './connection.js';
import { Frames } from './frames.js';
import { type PageState, Store } from './store.js';

const store = new Store<PageState>({
  connection: 'connecting',
  hello: undefined,
  panels: new Set(),
  topics: new Map(),
  classes: [],
  playback: undefined,
  statuses: [],
  models: undefined,
  adaptation: undefined,
  runs: undefined,
  comparison: undefined,
  troubles: [],
  notices: [],
});
const frames = new Frames();
const connection = new Connection(store, frames);
connection.open();
render(<App store={store} frames={frames} connection={connection} />, document.body);
