/**
 * Chinook through repositories on every database: invoices with lines, tracks, albums and artists; playlists with
 * their tracks; the tree of employees. The answers are those of SQL written by hand, in few statements.
 */

import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  MoreThan,
  None,
  type One,
  OneToMany,
  PrimaryColumn,
  Some,
} from '../../src/index';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { chinookName, chinookRows, hasChinook, loadChinook } from './load';

/** The entities under the names of a database; classes of its own for each. */
function entitiesFor(kind: DatabaseKind) {
  const n = chinookName(kind);

  @Entity(n('Artist'))
  class Artist {
    @PrimaryColumn('integer', { name: n('ArtistId') }) id!: number;
    @Column('varchar', { name: n('Name'), length: 120, nullable: true }) name!: string | null;
    @OneToMany(
      () => Album,
      (album) => album.artist,
    )
    albums!: Many<Album>;
  }

  @Entity(n('Album'))
  class Album {
    @PrimaryColumn('integer', { name: n('AlbumId') }) id!: number;
    @Column('varchar', { name: n('Title'), length: 160 }) title!: string;
    @ManyToOne(
      () => Artist,
      (artist) => artist.albums,
    )
    @JoinColumn({ name: n('ArtistId') })
    artist!: One<Artist>;
    @OneToMany(
      () => Track,
      (track) => track.album,
    )
    tracks!: Many<Track>;
  }

  @Entity(n('Track'))
  class Track {
    @PrimaryColumn('integer', { name: n('TrackId') }) id!: number;
    @Column('varchar', { name: n('Name'), length: 200 }) name!: string;
    @ManyToOne(
      () => Album,
      (album) => album.tracks,
      { nullable: true },
    )
    @JoinColumn({ name: n('AlbumId') })
    album!: One<Album> | null;
    @Column('integer', { name: n('Milliseconds') }) milliseconds!: number;
    @Column('decimal', { name: n('UnitPrice'), precision: 10, scale: 2 }) unitPrice!: string;
    @ManyToMany(
      () => Playlist,
      (playlist) => playlist.tracks,
    )
    playlists!: Many<Playlist>;
  }

  @Entity(n('Playlist'))
  class Playlist {
    @PrimaryColumn('integer', { name: n('PlaylistId') }) id!: number;
    @Column('varchar', { name: n('Name'), length: 120, nullable: true }) name!: string | null;
    @ManyToMany(
      () => Track,
      (track) => track.playlists,
    )
    @JoinTable({
      name: n('PlaylistTrack'),
      joinColumn: { name: n('PlaylistId') },
      inverseJoinColumn: { name: n('TrackId') },
    })
    tracks!: Many<Track>;
  }

  @Entity(n('Employee'))
  class Employee {
    @PrimaryColumn('integer', { name: n('EmployeeId') }) id!: number;
    @Column('varchar', { name: n('LastName'), length: 20 }) lastName!: string;
    @Column('timestamp', { name: n('HireDate'), nullable: true }) hireDate!: Date | null;
    @ManyToOne(
      () => Employee,
      (employee) => employee.reports,
      { nullable: true },
    )
    @JoinColumn({ name: n('ReportsTo') })
    reportsTo!: One<Employee> | null;
    @OneToMany(
      () => Employee,
      (employee) => employee.reportsTo,
    )
    reports!: Many<Employee>;
  }

  @Entity(n('Invoice'))
  class Invoice {
    @PrimaryColumn('integer', { name: n('InvoiceId') }) id!: number;
    @Column('timestamp', { name: n('InvoiceDate') }) invoiceDate!: Date;
    @Column('decimal', { name: n('Total'), precision: 10, scale: 2 }) total!: string;
    @OneToMany(
      () => InvoiceLine,
      (line) => line.invoice,
    )
    lines!: Many<InvoiceLine>;
  }

  @Entity(n('InvoiceLine'))
  class InvoiceLine {
    @PrimaryColumn('integer', { name: n('InvoiceLineId') }) id!: number;
    @ManyToOne(
      () => Invoice,
      (invoice) => invoice.lines,
    )
    @JoinColumn({ name: n('InvoiceId') })
    invoice!: One<Invoice>;
    @ManyToOne(() => Track) @JoinColumn({ name: n('TrackId') }) track!: One<Track>;
    @Column('decimal', { name: n('UnitPrice'), precision: 10, scale: 2 }) unitPrice!: string;
    @Column('integer', { name: n('Quantity') }) quantity!: number;
  }

  return { Artist, Album, Track, Playlist, Employee, Invoice, InvoiceLine };
}

const kinds = testDatabases().filter(() => hasChinook);

describe.each(kinds)('Chinook on %s', (kind) => {
  const classes = entitiesFor(kind);
  const { Artist, Album, Track, Playlist, Employee, Invoice } = classes;
  let database: TestDatabase;
  let db: DataSource;
  let statements: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    await loadChinook(kind, database.url);
    db = new DataSource({
      url: database.url,
      entities: Object.values(classes),
      logger: (entry) => {
        if (entry.kind === 'query') statements.push(entry.sql);
      },
    });
    await db.initialize();
  });
  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });
  beforeEach(() => {
    statements = [];
  });

  /** Statements that read, without BEGIN and COMMIT. */
  const reads = (): number => statements.filter((sql) => sql.startsWith('SELECT')).length;

  /** By hand, in SQLite's names; values as text, since drivers differ in what they make of a decimal. */
  async function byHand(sql: string): Promise<unknown[][]> {
    const named = sql.replace(/"(\w+)"/g, (_, name: string) => `"${chinookName(kind)(name)}"`);
    return (await chinookRows(kind, database.url, named)).map((row) => row.map(plain));
  }
  const plain = (value: unknown): unknown => {
    if (value === null) return null;
    return Number.isNaN(Number(value)) ? value : Number(value);
  };

  test('the ten longest invoices come with lines, tracks, albums and artists: a query a level', async () => {
    const [longest] = [
      await byHand(
        `SELECT i."InvoiceId" FROM "Invoice" i JOIN "InvoiceLine" l ON l."InvoiceId" = i."InvoiceId"
         GROUP BY i."InvoiceId" ORDER BY count(*) DESC, i."InvoiceId" LIMIT 10`,
      ),
    ];
    const ids = longest.map(([id]) => id as number);
    const found = await db.getRepository(Invoice).find({
      where: ids.map((id) => ({ id })),
      order: { id: 'asc' },
      relations: {
        lines: {
          order: { id: 'asc' },
          relations: { track: { relations: { album: { relations: { artist: true } } } } },
        },
      },
    });
    expect(reads()).toBe(5);
    const flat = found.flatMap((invoice) =>
      invoice.lines.map(({ id, unitPrice, quantity, track }) =>
        [
          invoice.id,
          invoice.total,
          id,
          unitPrice,
          quantity,
          track.name,
          track.album?.title,
          track.album?.artist.name,
        ].map((value) => plain(value ?? null)),
      ),
    );
    expect(flat).toEqual(
      await byHand(
        `SELECT i."InvoiceId", i."Total", l."InvoiceLineId", l."UnitPrice", l."Quantity", t."Name", a."Title", r."Name"
         FROM "Invoice" i JOIN "InvoiceLine" l ON l."InvoiceId" = i."InvoiceId"
         JOIN "Track" t ON t."TrackId" = l."TrackId" LEFT JOIN "Album" a ON a."AlbumId" = t."AlbumId"
         LEFT JOIN "Artist" r ON r."ArtistId" = a."ArtistId"
         WHERE i."InvoiceId" IN (${ids.join(', ')}) ORDER BY i."InvoiceId", l."InvoiceLineId"`,
      ),
    );
    expect(flat.length).toBeGreaterThan(100);
    const one = found[0]?.lines[0]?.track.album;
    const same = found.flatMap(({ lines }) => lines).filter(({ track }) => track.album?.id === one?.id);
    for (const { track } of same) expect(track.album).toBe(one);
  });

  test('playlists come with their 8,715 tracks in two queries; a track of several is one object', async () => {
    const found = await db.getRepository(Playlist).find({
      order: { id: 'asc' },
      relations: { tracks: { order: { id: 'asc' } } },
    });
    expect(reads()).toBe(2);
    const links = found.flatMap(({ id, tracks }) => tracks.map((track) => [id, track.id]));
    expect(links).toHaveLength(8_715);
    expect(links).toEqual(
      await byHand(`SELECT "PlaylistId", "TrackId" FROM "PlaylistTrack" ORDER BY "PlaylistId", "TrackId"`),
    );
    const tracks = found.flatMap((playlist) => playlist.tracks);
    expect(new Set(tracks).size).toBe(new Set(tracks.map(({ id }) => id)).size);
  });

  test('the other way, three playlists of each track, in two queries', async () => {
    const found = await db.getRepository(Track).find({
      where: { playlists: Some({}) },
      order: { id: 'asc' },
      take: 100,
      relations: { playlists: { order: { id: 'desc' }, take: 3 } },
    });
    expect(reads()).toBe(2);
    const rows = (await byHand(
      `SELECT "TrackId", "PlaylistId" FROM "PlaylistTrack" ORDER BY "TrackId", "PlaylistId" DESC`,
    )) as [number, number][];
    const ids = [...new Set(rows.map(([track]) => track))].slice(0, 100);
    expect(found.map(({ id, playlists }) => [id, playlists.map((playlist) => playlist.id)])).toEqual(
      ids.map((id) => [
        id,
        rows
          .filter(([track]) => track === id)
          .map(([, playlist]) => playlist)
          .slice(0, 3),
      ]),
    );
  });

  test('the tree of employees opens three levels deep', async () => {
    const [boss] = await db.getRepository(Employee).find({
      where: { reports: Some({}), reportsTo: { reports: None({ id: MoreThan(0) }) } },
    });
    expect(boss).toBeUndefined();
    statements = [];
    const top = await db.getRepository(Employee).findOneOrFail({
      where: { id: 1 },
      relations: { reports: { order: { id: 'asc' }, relations: { reports: { order: { id: 'asc' } } } } },
    });
    expect(reads()).toBe(3);
    const pairs = top.reports.flatMap((manager) => [
      [manager.id, top.id],
      ...manager.reports.map((employee) => [employee.id, manager.id]),
    ]);
    const rows = await byHand(
      `SELECT "EmployeeId", "ReportsTo" FROM "Employee" WHERE "ReportsTo" IS NOT NULL ORDER BY "EmployeeId"`,
    );
    expect([...pairs].sort((a, b) => (a[0] as number) - (b[0] as number))).toEqual(rows);
  });

  test('conditions through relations, counts and sums agree with SQL', async () => {
    const tracks = db.getRepository(Track);
    const where = { album: { artist: { name: 'Iron Maiden' } } };
    const [[count, sum, price]] = (await byHand(
      `SELECT count(*), sum(t."Milliseconds"), sum(t."UnitPrice") FROM "Track" t
       JOIN "Album" a ON a."AlbumId" = t."AlbumId" JOIN "Artist" r ON r."ArtistId" = a."ArtistId"
       WHERE r."Name" = 'Iron Maiden'`,
    )) as [number[]];
    expect(await tracks.countBy(where)).toBe(count);
    expect(await tracks.sum('milliseconds', where)).toBe(sum);
    expect(plain(await tracks.sum('unitPrice', where))).toBe(price);
    expect(reads()).toBe(3);
    const [[artists]] = (await byHand(
      `SELECT count(*) FROM "Artist" r WHERE NOT EXISTS (SELECT 1 FROM "Album" a WHERE a."ArtistId" = r."ArtistId")`,
    )) as [number[]];
    expect(await db.getRepository(Artist).countBy({ albums: None({}) })).toBe(artists);
  });

  test('pages through relations count albums, not rows', async () => {
    const order = { artist: { name: 'asc' }, title: 'asc', id: 'asc' } as const;
    const [page, total] = await db.getRepository(Album).findAndCount({
      order,
      skip: 20,
      take: 10,
      relations: { artist: true, tracks: true },
    });
    const rows = await byHand(
      `SELECT a."AlbumId" FROM "Album" a JOIN "Artist" r ON r."ArtistId" = a."ArtistId"
       ORDER BY r."Name", a."Title", a."AlbumId"`,
    );
    expect(total).toBe(rows.length);
    expect(page.map(({ id }) => [id])).toEqual(rows.slice(20, 30));
    expect(page.every(({ artist, tracks }) => artist.name !== null && tracks.length > 0)).toBe(true);
  });

  test('a stream of every track ends with every track', async () => {
    let milliseconds = 0;
    for await (const track of db.getRepository(Track).stream({ relations: { album: true } })) {
      milliseconds += track.album === null ? 0 : track.milliseconds;
    }
    const [[sum]] = (await byHand('SELECT sum("Milliseconds") FROM "Track" WHERE "AlbumId" IS NOT NULL')) as [
      number[],
    ];
    expect(milliseconds).toBe(sum);
  });
});
