// Where whois is asked about an address.

import { isRegistered } from '../format/address_scope';
import { isWhois, preferences } from '../state/preferences';

/** Null: there is nothing to ask about, or whois is switched off. */
export function whoisLink(address: string, template = preferences().whois): string | null {
  return isWhois(template) && isRegistered(address) ? template.replaceAll('{address}', encodeURIComponent(address)) : null;
}
