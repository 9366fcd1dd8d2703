/**
 * Names and messages as each kind of picture can hold them. They come from databases, files and entities: whatever
 * they contain, they stay text.
 */

/** What would move the cursor, ring a bell or turn the line around: control characters and marks of direction. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?![\u200c\u200d])\p{Cf}/gu;

/** On one line of a terminal: characters that nobody sees are written as their escapes. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`;
  });
}

/** As text or in an attribute of XML and HTML. */
export function xml(text: string): string {
  return visible(text).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Between double quotes in Mermaid: whatever could mean something to it is an entity code (`#35;`). It knows no other
 * escape, reads backticks as Markdown, and takes `%%` for a comment.
 */
export function mermaid(text: string): string {
  return visible(text).replace(
    /[^\p{L}\p{N}\p{Extended_Pictographic} _.,:()/+=-]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
}
