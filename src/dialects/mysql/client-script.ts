/**
 * Statements as the command line clients `mysql` and `mariadb` read them from a script: the client itself cuts the
 * text at each delimiter, so a body that holds semicolons needs another one.
 */

const HAS_BODY =
  /^(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:create\b[\s\S]*?\b(?:trigger|procedure|function|event|package)\b|begin\s+not\s+atomic\b)/i;

/** @param statement with its semicolon at the end */
export function forClient(statement: string): string[] {
  const body = statement.replace(/\s*;\s*$/, '');
  if (!body.includes(';') || !HAS_BODY.test(body)) return [statement];
  let delimiter = '//';
  while (body.includes(delimiter)) delimiter += '/';
  return [`DELIMITER ${delimiter}`, `${body}\n${delimiter}`, 'DELIMITER ;'];
}
