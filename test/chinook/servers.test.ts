/**
 * Chinook on PostgreSQL and MySQL: the same entities as on SQLite but for names describe what its own scripts make,
 * and the same changes go up and down with every row in place.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';
import { Project } from '../support/project';
import { chinookName, chinookRows, hasChinook, loadChinook } from './load';

const TABLES = [
  'Album',
  'Artist',
  'Customer',
  'Employee',
  'Genre',
  'Invoice',
  'InvoiceLine',
  'MediaType',
  'Playlist',
  'PlaylistTrack',
  'Track',
];

interface Place {
  readonly kind: 'postgres' | 'mysql';
  /** A name of SQLite's Chinook, as this one has it. */
  readonly name: (name: string) => string;
  readonly playlistIndex: string;
}

const PLACES: readonly Place[] = [
  { kind: 'postgres', name: chinookName('postgres'), playlistIndex: 'playlist_track_playlist_id_idx' },
  { kind: 'mysql', name: chinookName('mysql'), playlistIndex: 'IFK_PlaylistTrackPlaylistId' },
];

const replace = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`the entities do not hold ${from}`);
  return text.replace(from, to);
};

/** The entities of SQLite's Chinook under the names of a place. */
function entitiesAt({ name, playlistIndex }: Place): string {
  return readFileSync(path.join(__dirname, 'entities.ts'), 'utf8')
    .replace('../../src/index.js', 'limbeck')
    .replaceAll(/(name: )'(\w+)'/g, (_, key: string, found: string) => `${key}'${name(found)}'`)
    .replaceAll(/(@Entity\()'(\w+)'/g, (_, key: string, found: string) => `${key}'${name(found)}'`)
    .replace('IFK_PlaylistTrackPlaylistId', playlistIndex);
}

/** What a team might do to it. */
function changedAt(place: Place): string {
  const n = place.name;
  let text = entitiesAt(place);
  text = replace(
    text,
    `@Column('varchar', { name: '${n('Composer')}', length: 220, nullable: true }) composer`,
    `@Column('varchar', { name: '${n('Writer')}', renamedFrom: '${n('Composer')}', length: 220, nullable: true }) writer`,
  );
  text = replace(
    text,
    `@Column('decimal', { name: '${n('UnitPrice')}', precision: 10, scale: 2 }) unitPrice!: string;\n}`,
    `@Column('decimal', { name: '${n('UnitPrice')}', precision: 12, scale: 4 }) unitPrice!: string;\n  @Column('integer', { name: '${n('Plays')}' }) plays!: number;\n}`,
  );
  text = replace(text, `@Index('${place.playlistIndex}', ['playlist'])\n`, '');
  return replace(
    text,
    'export const chinook = [',
    `@Entity('${n('Review')}')
export class Review {
  @PrimaryColumn('integer', { name: '${n('ReviewId')}' }) id!: number;
  @ManyToOne(() => Track, { onDelete: 'CASCADE' }) @JoinColumn({ name: '${n('TrackId')}' }) track!: One<Track>;
  @ManyToOne(() => Customer) @JoinColumn({ name: '${n('CustomerId')}' }) customer!: One<Customer>;
  @Column('text', { name: '${n('Text')}' }) text!: string;
}

export const chinook = [
  Review,`,
  );
}

function compiled(source: string): string {
  const { code } = transformSync(source, {
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
    },
  });
  return code;
}

/** Every row of every table, without the columns that the changes touch in kind. */
async function rowsOf(place: Place, url: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const table of TABLES) {
    const columns = table === 'Track' ? ['TrackId', 'Name', 'AlbumId', 'Milliseconds', 'Bytes'] : undefined;
    const list = columns?.map((column) => `"${place.name(column)}"`).join(', ') ?? '*';
    found[table] = await chinookRows(
      place.kind,
      url,
      `SELECT ${list} FROM "${place.name(table)}" ORDER BY 1, 2`,
    );
  }
  return found;
}

async function tracks(place: Place, url: string, composer: string): Promise<unknown> {
  const [price, key] = ['UnitPrice', 'TrackId'].map(place.name);
  return chinookRows(
    place.kind,
    url,
    `SELECT count("${composer}"), max("${composer}"), sum("${price}" * "${key}") * 10000 FROM "${place.name('Track')}"`,
  );
}

const numbers = (rows: unknown): unknown[] =>
  (rows as unknown[][]).flat().map((value) => (Number.isNaN(Number(value)) ? value : Number(value)));

describe.each(PLACES.filter(({ kind }) => hasChinook && isAvailable(kind)))('Chinook on $kind', (place) => {
  let database: TestDatabase;
  let project: Project;
  beforeAll(async () => {
    database = await createDatabase(place.kind);
    await loadChinook(place.kind, database.url);
    project = new Project({
      'ormconfig.js': `module.exports = { url: ${JSON.stringify(database.url)}, entities: Object.values(require('./entities.js')).filter((e) => typeof e === 'function'), migrations: 'migrations' };`,
      'entities.js': compiled(entitiesAt(place)),
    });
  }, 60_000);
  afterAll(async () => {
    project.remove();
    await database.drop();
  });

  test('is described so exactly that check finds nothing', () => {
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
  });

  test('goes up and down with all 15,607 rows in place', async () => {
    const n = place.name;
    const original = await rowsOf(place, database.url);
    const before = numbers(await tracks(place, database.url, n('Composer')));
    expect(Object.values(original).flat()).toHaveLength(15_607);
    project.write({ 'entities.js': compiled(changedAt(place)) });
    const undecided = project.run(['revision', '--autogenerate', '-m', 'change']);
    expect([undecided.status, undecided.stderr]).toEqual([
      3,
      expect.stringContaining(`what do the 3503 rows of '${n('Track')}' get?`),
    ]);
    const fill = ['--fill', `${n('Track')}.${n('Plays')}=0`];
    const made = project.ok(['revision', '--autogenerate', '-m', 'change', ...fill]);
    expect(made.stderr.trim().split('\n').sort()).toEqual(
      [
        `Detected renamed column '${n('Track')}.${n('Composer')}' to '${n('Writer')}'`,
        `Detected removed index '${place.playlistIndex}' on '${n('PlaylistTrack')}'`,
        `Detected added table '${n('Review')}'`,
        `Detected added index 'ix_${n('Review')}_${n('CustomerId')}' on '${n('Review')}'`,
        `Detected added index 'ix_${n('Review')}_${n('TrackId')}' on '${n('Review')}'`,
        `Detected added column '${n('Track')}.${n('Plays')}'`,
        `Detected type change from decimal(10, 2) to decimal(12, 4) on '${n('Track')}.${n('UnitPrice')}'`,
      ].sort(),
    );
    project.ok(['upgrade', 'head']);
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    expect(await rowsOf(place, database.url)).toEqual(original);
    expect(numbers(await tracks(place, database.url, n('Writer')))).toEqual(before);

    project.ok(['downgrade', 'base']);
    expect(await rowsOf(place, database.url)).toEqual(original);
    expect(numbers(await tracks(place, database.url, n('Composer')))).toEqual(before);
    project.write({ 'entities.js': compiled(entitiesAt(place)) });
    for (const name of project.migrations()) project.write({ [`migrations/${name}`]: '' });
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
  }, 60_000);
});
