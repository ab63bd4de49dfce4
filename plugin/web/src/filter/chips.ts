// A filter text as chips: the terms that its outermost "and" joins. The text stays the only truth.

interface Word {
  text: string;
  start: number;
  end: number;
  depth: number;
}

// As the collector reads it: these end a word, whether or not there is a space.
const kWordEnds = '()[],!=<>&|"\'';
const kSigns = ['&&', '||', '!=', '==', '<=', '>='];

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
    } else if (letter === '"' || letter === "'") {
      while (end < filter.length && filter[end] !== letter) end += 1;
      end = Math.min(filter.length, end + 1);
    } else if (kSigns.includes(filter.slice(at, at + 2))) {
      end = at + 2;
    } else if (!kWordEnds.includes(letter)) {
      while (end < filter.length && !/\s/.test(filter[end] ?? '') && !kWordEnds.includes(filter[end] ?? '')) end += 1;
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

// "port 80 and 443", "host 10.0.0.1 and not 10.0.0.2": a value alone belongs to the field before it.
function isValue(term: string): boolean {
  return /^((not\s+|!\s*)*)(\d\S*|[0-9a-f]*:[0-9a-f:./]*)$/i.test(term);
}

// "src and dst net 10.0.0.0/8" is one test.
function joinsEnds(before: Word | undefined, after: Word | undefined): boolean {
  const ends = `${before?.text} ${after?.text}`.toLowerCase();
  return ends === 'src dst' || ends === 'dst src';
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
  for (const [at, word] of list.entries()) {
    if (!isAnd(word) || joinsEnds(list[at - 1], list[at + 1])) continue;
    take(word.start);
    start = word.end;
  }
  take(filter.length);
  return terms;
}

// "vlan 3", "octets > 1M", "(…)": what a "not" before it takes as a whole. Two tests may stand side by side without "and".
function isSingle(term: string): boolean {
  const list = words(term);
  if (list[0]?.text === '(') return list.findIndex((word) => word.text === ')' && word.depth === 0) === list.length - 1;
  return list.length <= 2 || (list.length === 3 && /^[=<>!]=?$/.test(list[1]?.text ?? ''));
}

function withoutNot(term: string): string {
  return term.replace(/^(not\b|!(?!=))\s*/i, '');
}

/** True if all of the term is negated: not of "not vlan 3 or vlan 4". */
export function isNegated(term: string): boolean {
  const bare = withoutNot(term);
  return bare !== term && isSingle(bare);
}

/** False if a bracket closes one that the text has not opened: put between brackets, it would mean something else. */
export function closesOnlyItsOwn(filter: string): boolean {
  let open = 0;
  return words(filter).every(({ text }) => {
    if (text === '(') open += 1;
    else if (text === ')') open -= 1;
    return open >= 0;
  });
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
  if (isNegated(term)) return withoutNot(term);
  return isSingle(term) ? `not ${term}` : `not (${term})`;
}
