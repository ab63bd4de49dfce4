// A filter text as chips: the terms that its outermost "and" joins. The text stays the only truth.

interface Word {
  text: string;
  start: number;
  end: number;
  depth: number;
}

function words(filter: string): Word[] {
  const found: Word[] = [];
  let depth = 0;
  let at = 0;
  while (at < filter.length) {
    const letter = filter[at] ?? '';
    if (/\s/.test(letter)) {
      at += 1;
      continue;
    }
    let end = at + 1;
    let level = depth;
    if (letter === '(') {
      depth += 1;
    } else if (letter === ')') {
      depth = Math.max(0, depth - 1);
      level = depth;
    } else if (letter === '"') {
      while (end < filter.length && filter[end] !== '"') end += 1;
      end = Math.min(filter.length, end + 1);
    } else {
      while (end < filter.length && !/[\s()"]/.test(filter[end] ?? '')) end += 1;
    }
    found.push({ text: filter.slice(at, end), start: at, end, depth: level });
    at = end;
  }
  return found;
}

function isAnd(word: Word): boolean {
  return word.depth === 0 && (/^and$/i.test(word.text) || word.text === '&&');
}

function isOr(word: Word): boolean {
  return word.depth === 0 && (/^or$/i.test(word.text) || word.text === '||');
}

// "port 80 and 443": a number alone belongs to the field before it.
function isValue(term: string): boolean {
  return /^(not\s+|!\s*)?\d[\d,-]*[kmg]?$/i.test(term);
}

/** The terms of a filter; one with an outermost "or" is a single term. */
export function splitTerms(filter: string): string[] {
  const list = words(filter);
  const trimmed = filter.trim();
  if (trimmed === '') return [];
  if (list.some(isOr)) return [trimmed];
  const terms: string[] = [];
  let start = 0;
  const take = (end: number) => {
    const term = filter.slice(start, end).trim();
    const before = terms.length - 1;
    if (term === '') return;
    if (before >= 0 && isValue(term)) terms[before] += ` and ${term}`;
    else terms.push(term);
  };
  for (const word of list) {
    if (!isAnd(word)) continue;
    take(word.start);
    start = word.end;
  }
  take(filter.length);
  return terms;
}

export function isNegated(term: string): boolean {
  return /^(not\b|!)/i.test(term);
}

function hasOr(term: string): boolean {
  return words(term).some(isOr);
}

function inner(term: string): string {
  return hasOr(term) ? `(${term})` : term;
}

export function joinTerms(terms: string[]): string {
  return terms.length === 1 ? (terms[0] ?? '') : terms.map(inner).join(' and ');
}

/** The filter narrowed by a term; a term that is there already is not added twice. */
export function addTerm(filter: string, term: string): string {
  const terms = splitTerms(filter);
  const added = splitTerms(term).filter((one) => !terms.includes(one));
  return joinTerms([...terms, ...added]);
}

export function removeTerm(filter: string, index: number): string {
  return joinTerms(splitTerms(filter).filter((_, at) => at !== index));
}

/** "not x" for "x" and the other way round. */
export function negateTerm(term: string): string {
  const bare = term.replace(/^(not\b|!)\s*/i, '');
  if (isNegated(term)) return bare;
  return words(bare).some((word) => isOr(word) || isAnd(word)) ? `not (${bare})` : `not ${bare}`;
}
