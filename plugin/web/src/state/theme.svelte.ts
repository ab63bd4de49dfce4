// Light or dark: ?theme= or #theme= decides, then what was chosen here before, then the system.

import { kept } from '../api/kept';

export type ThemeChoice = 'auto' | 'light' | 'dark';

const kStorageKey = 'weir.theme';
const storage = kept(() => localStorage);

function parse(text: string | null): ThemeChoice | null {
  return text === 'light' || text === 'dark' || text === 'auto' ? text : null;
}

class ThemeState {
  choice = $state<ThemeChoice>('auto');
  dark = $state(false);
  private readonly system = window.matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    const given = new URLSearchParams(location.search).get('theme') ?? new URLSearchParams(location.hash.slice(1)).get('theme');
    this.choice = parse(given) ?? parse(storage.getItem(kStorageKey)) ?? 'auto';
    this.system.addEventListener('change', () => this.apply());
    this.apply();
  }

  toggle(): void {
    this.choose(this.dark ? 'light' : 'dark');
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    storage.setItem(kStorageKey, choice);
    this.apply();
  }

  private apply(): void {
    this.dark = this.choice === 'dark' || (this.choice === 'auto' && this.system.matches);
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
}

export const theme = new ThemeState();
