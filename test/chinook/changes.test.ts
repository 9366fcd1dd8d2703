/**
 * Real changes of Chinook through the real command line, up and down: a rename with a hint, a price to
 * another precision, a NOT NULL column, a dropped index, a new table with foreign keys. All rows stay.
 */

import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';
import Database from 'better-sqlite3';
import { Project } from '../support/project.js';

const SOURCE = path.resolve(__dirname, '../../../shared/data/chinook/Chinook_Sqlite.sqlite');
const present = existsSync(SOURCE);

const before = readFileSync(path.join(__dirname, 'entities.ts'), 'utf8').replace(
  '../../src/index.js',
  'limbeck',
);
const replace = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`the entities do not hold ${from}`);
  return text.replace(from, to);
};

/** What a team might do to it. */
function changed(): string {
  let text = before;
  text = replace(
    text,
    "@Column('varchar', { name: 'Composer', length: 220, nullable: true }) composer",
    "@Column('varchar', { name: 'Writer', renamedFrom: 'Composer', length: 220, nullable: true }) writer",
  );
  text = replace(
    text,
    "@Column('decimal', { name: 'UnitPrice', precision: 10, scale: 2 }) unitPrice!: string;\n}",
    "@Column('decimal', { name: 'UnitPrice', precision: 12, scale: 4 }) unitPrice!: string;\n  @Column('integer', { name: 'Plays' }) plays!: number;\n}",
  );
  text = replace(text, "@Index('IFK_PlaylistTrackPlaylistId', ['playlist'])\n", '');
  text = replace(
    text,
    'export const chinook = [',
    `@Entity('Review')
export class Review {
  @PrimaryColumn('integer', { name: 'ReviewId' }) id!: number;
  @ManyToOne(() => Track, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'TrackId' }) track!: One<Track>;
  @ManyToOne(() => Customer) @JoinColumn({ name: 'CustomerId' }) customer!: One<Customer>;
  @Column('text', { name: 'Text' }) text!: string;
}

export const chinook = [
  Review,`,
  );
  return text;
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

/** Every row of every table, in the columns of the original. */
function rows(file: string): Record<string, unknown[]> {
  const database = new Database(file, { readonly: true });
  const original = new Database(SOURCE, { readonly: true });
  try {
    return Object.fromEntries(
      TABLES.map((table) => {
        const there = new Set(
          (database.pragma(`table_info("${table}")`) as { name: string }[]).map((c) => c.name),
        );
        const columns = (original.pragma(`table_info("${table}")`) as { name: string }[])
          .map(({ name }) => (there.has(name) ? `"${name}"` : `"Writer" AS "${name}"`))
          .join(', ');
        return [table, database.prepare(`SELECT ${columns} FROM "${table}" ORDER BY 1, 2`).raw().all()];
      }),
    );
  } finally {
    database.close();
    original.close();
  }
}

(present ? describe : describe.skip)('Chinook, changed', () => {
  it('goes up and down with all 15,607 rows in place', () => {
    const project = new Project({
      'ormconfig.js':
        "module.exports = { url: 'sqlite:chinook.db', entities: Object.values(require('./entities.js')).filter((e) => typeof e === 'function'), migrations: 'migrations' };",
      'entities.js': compiled(before),
    });
    try {
      const file = project.path('chinook.db');
      copyFileSync(SOURCE, file);
      const original = rows(file);
      expect(Object.values(original).flat()).toHaveLength(15_607);
      expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');

      project.write({ 'entities.js': compiled(changed()) });
      const undecided = project.run(['revision', '--autogenerate', '-m', 'change']);
      expect(undecided.status).toBe(3);
      expect(undecided.stderr).toContain("what do the 3503 rows of 'Track' get?");
      expect(undecided.stderr).toContain('--fill Track.Plays=LITERAL');

      const made = project.ok(['revision', '--autogenerate', '-m', 'change', '--fill', 'Track.Plays=0']);
      expect(made.stderr.trim().split('\n')).toEqual([
        "Detected renamed column 'Track.Composer' to 'Writer'",
        "Detected removed index 'IFK_PlaylistTrackPlaylistId' on 'PlaylistTrack'",
        "Detected added table 'Review'",
        "Detected added index 'ix_Review_CustomerId' on 'Review'",
        "Detected added index 'ix_Review_TrackId' on 'Review'",
        "Detected added column 'Track.Plays'",
        "Detected type change from decimal(10, 2) to decimal(12, 4) on 'Track.UnitPrice'",
      ]);
      project.ok(['upgrade', 'head']);
      expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
      expect(rows(file)).toEqual(original);

      project.ok(['downgrade', 'base']);
      expect(rows(file)).toEqual(original);
      project.write({ 'entities.js': compiled(before) });
      const database = new Database(file);
      expect(database.pragma('foreign_key_check')).toEqual([]);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      for (const name of project.migrations()) project.write({ [`migrations/${name}`]: '' });
      expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    } finally {
      project.remove();
    }
  });
});
