/** `npm run bench [NAME …]`: all benchmarks, or those named. */

const BENCHES: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  rebuild: async () => (await import('./rebuild.js')).rebuild,
  diff: async () => (await import('./many-tables.js')).diff,
  create: async () => (await import('./many-tables.js')).create,
  reset: async () => (await import('./reset.js')).reset,
  'server-diff': async () => (await import('./servers.js')).serverDiff,
  'server-create': async () => (await import('./servers.js')).serverCreate,
  'server-reset': async () => (await import('./servers.js')).serverReset,
  orm: () => ormOn('sqlite'),
  'orm-postgres': () => ormOn('postgres'),
  'orm-mariadb': () => ormOn('mariadb'),
  writes: async () => {
    const { writes } = await import('./writes/index.js');
    return () => writes(process.argv.slice(3));
  },
  memory: async () => (await import('./writes/memory.js')).memory,
  'cold-start': async () => (await import('./orm/cold-start.js')).coldStart,
  types: async () => (await import('./types.js')).types,
  'start-up': async () => (await import('./start-up.js')).startUp,
};

async function ormOn(name: 'sqlite' | 'postgres' | 'mariadb'): Promise<() => Promise<void>> {
  const { orm } = await import('./orm/index.js');
  const { PLACES } = await import('./orm/places.js');
  return () => orm(PLACES[name], process.argv.slice(3));
}

async function main(): Promise<void> {
  const [first] = process.argv.slice(2);
  // Words behind one of the `orm`, or `writes`, name its workloads.
  const names = first?.startsWith('orm') || first === 'writes' ? [first] : process.argv.slice(2);
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    const load = BENCHES[name];
    if (load === undefined)
      throw new Error(`There is no benchmark '${name}': ${Object.keys(BENCHES).join(', ')}`);
    await (await load())();
  }
}

void main();
