// In which country an address is and whose it is, as far as the collector has files that say so. It is asked once about each address
// that stands in the table, and remembers. Loaded when there is something to ask.

import type { RpcClient } from '../api/rpc_client';
import type { Key, Range } from '../generated/api';

/** A filter that names more becomes long, and its answer as well. */
const kAtOnce = 50;
/** Of the addresses that were asked about, and of those that they talk to. */
const kRows = 2000;
const kMostKnown = 20_000;
/** Below the fold nobody looks at once. */
const kMostOfTable = 500;

const kCountries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (kCountries.of(code) ?? code) : code;
}

export class AddressFacts {
  /** By address: "Norway · Example Net"; '' if the files know nothing. */
  texts = $state.raw<ReadonlyMap<string, string>>(new Map());
  private asking = false;

  constructor(private readonly call: RpcClient['call'], readonly words: readonly string[]) {}

  /** Asks about those that are not known yet, in a range in which they have traffic. The words are those of the API that say something of an address. */
  async learn(addresses: readonly string[], range: Range): Promise<void> {
    if (this.asking || this.words.length === 0) return;
    this.asking = true;
    try {
      for (;;) {
        const unknown = addresses.slice(0, kMostOfTable).filter((address) => address !== '' && !this.texts.has(address)).slice(0, kAtOnce);
        if (unknown.length === 0) return;
        await this.ask(unknown, range);
      }
    } catch {
      // The column stays empty where nothing was learnt: the table's own answer tells what is wrong.
    } finally {
      this.asking = false;
    }
  }

  private async ask(addresses: readonly string[], range: Range): Promise<void> {
    const filter = addresses.map((address) => `host ${address}`).join(' or ');
    const { rows } = await this.call('flows.top', { by: ['host', ...this.words], filter, range, limit: kRows });
    const next = new Map(this.texts.size > kMostKnown ? [] : this.texts);
    for (const address of addresses) next.set(address, '');
    for (const { key } of rows) next.set(String(key.host), this.text(key));
    this.texts = next;
  }

  private text(key: Key): string {
    return this.words.map((word) => (word === 'country' ? countryName(String(key[word] ?? '')) : String(key[word] ?? ''))).filter(Boolean).join(' · ');
  }
}

let known: AddressFacts | null = null;

/** Those of the window: what was learnt outlives the table. */
export function factsOf(call: RpcClient['call'], words: readonly string[]): AddressFacts {
  if (known?.words.join() !== words.join()) known = new AddressFacts(call, words);
  return known;
}
