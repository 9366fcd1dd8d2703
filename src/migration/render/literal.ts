/** Values as source, as migration files and entity files have them. */

export { flatLiteral, literal, quoteText, RawSql } from '../../base/source-literal.js';
