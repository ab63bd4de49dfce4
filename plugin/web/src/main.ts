// Starts the Flows window: token, connection, state, page.

import { mount } from 'svelte';
import './style/base.css';
import { browserClient, browserTokenSource } from './api/browser';
import App from './App.svelte';
import { loadTheRestLater } from './later';
import { FlowsWindow } from './state/flows_window.svelte';
import './state/theme.svelte';

const tokens = browserTokenSource();
const flows = new FlowsWindow(tokens);
flows.attach(browserClient(tokens, (connection) => flows.onConnection(connection)));

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app"');
mount(App, { target, props: { flows } });
loadTheRestLater();
