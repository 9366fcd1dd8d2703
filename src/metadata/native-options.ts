/** Options that single databases know, from a decorator's words to the schema's: `sqlite.strict`, `mysql.unsigned`. */

import type { NativeOptions } from '../schema/model.js';

type ByDatabase = Readonly<Record<string, object | undefined>>;

/** Options under their database's name; one that is switched off is left out. */
export function flatOptions(byDatabase: ByDatabase): NativeOptions {
  const flat: Record<string, string | number | boolean> = {};
  for (const [database, values] of Object.entries(byDatabase)) {
    for (const [key, value] of Object.entries(values ?? {})) {
      if (value !== undefined && value !== false)
        flat[`${database}.${key}`] = value as string | number | boolean;
    }
  }
  return flat;
}

/** The same as a property, absent where there is none. */
export function withOptions(byDatabase: ByDatabase): { readonly options?: NativeOptions } {
  const options = flatOptions(byDatabase);
  return Object.keys(options).length === 0 ? {} : { options };
}
