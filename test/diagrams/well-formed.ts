/** A reader of XML that only says whether a text is well-formed; the pictures use no more of the language than it knows. */

const TOKEN = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

/** @throws where tags do not match, an attribute comes twice, or a character may not stand where it stands */
export function requireWellFormed(xml: string): void {
  const open: string[] = [];
  let at = 0;
  let roots = 0;
  while (at < xml.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(xml);
    if (match === null) throw new Error(`Not XML at ${at}: ${xml.slice(at, at + 80)}`);
    const [token, closing, name = '', attributes = '', selfClosing, text] = match;
    at += token.length;
    requireText(text ?? attributes);
    if (text !== undefined) {
      if (open.length === 0 && text.trim() !== '') throw new Error(`Text outside of the root: ${text}`);
      continue;
    }
    const names = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, attribute]) => attribute);
    if (new Set(names).size < names.length) throw new Error(`An attribute twice: ${token}`);
    if (closing === '/') {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> where </${expected}> was open`);
    } else {
      if (open.length === 0) roots++;
      if (selfClosing !== '/') open.push(name);
    }
  }
  if (open.length > 0 || roots !== 1) throw new Error(`${roots} roots, still open: ${open.join(', ')}`);
}

function requireText(text: string): void {
  if (/&(?!#\d+;|amp;|lt;|gt;|quot;)/.test(text)) throw new Error(`A bare &: ${text}`);
  const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
  if (!allowed.test(text)) throw new Error(`A character that XML does not have: ${JSON.stringify(text)}`);
}
