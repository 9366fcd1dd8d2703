/**
 * Entities that describe the public Chinook database exactly as it is: names in Pascal case, keys without
 * names, one index more than Limbeck would make.
 */

import {
  Column,
  Entity,
  Index,
  JoinColumn,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryColumn,
} from '../../src/index.js';

@Entity('Artist')
export class Artist {
  @PrimaryColumn('integer', { name: 'ArtistId' }) id!: number;
  @Column('varchar', { name: 'Name', length: 120, nullable: true }) name!: string | null;
  @OneToMany(
    () => Album,
    (album) => album.artist,
  )
  albums!: Many<Album>;
}

@Entity('Album')
export class Album {
  @PrimaryColumn('integer', { name: 'AlbumId' }) id!: number;
  @Column('varchar', { name: 'Title', length: 160 }) title!: string;
  @ManyToOne(
    () => Artist,
    (artist) => artist.albums,
  )
  @JoinColumn({ name: 'ArtistId' })
  artist!: One<Artist>;
}

@Entity('Employee')
export class Employee {
  @PrimaryColumn('integer', { name: 'EmployeeId' }) id!: number;
  @Column('varchar', { name: 'LastName', length: 20 }) lastName!: string;
  @Column('varchar', { name: 'FirstName', length: 20 }) firstName!: string;
  @Column('varchar', { name: 'Title', length: 30, nullable: true }) title!: string | null;
  @ManyToOne(() => Employee, { nullable: true })
  @JoinColumn({ name: 'ReportsTo' })
  reportsTo!: One<Employee> | null;
  @Column('timestamp', { name: 'BirthDate', nullable: true }) birthDate!: Date | null;
  @Column('timestamp', { name: 'HireDate', nullable: true }) hireDate!: Date | null;
  @Column('varchar', { name: 'Address', length: 70, nullable: true }) address!: string | null;
  @Column('varchar', { name: 'City', length: 40, nullable: true }) city!: string | null;
  @Column('varchar', { name: 'State', length: 40, nullable: true }) state!: string | null;
  @Column('varchar', { name: 'Country', length: 40, nullable: true }) country!: string | null;
  @Column('varchar', { name: 'PostalCode', length: 10, nullable: true }) postalCode!: string | null;
  @Column('varchar', { name: 'Phone', length: 24, nullable: true }) phone!: string | null;
  @Column('varchar', { name: 'Fax', length: 24, nullable: true }) fax!: string | null;
  @Column('varchar', { name: 'Email', length: 60, nullable: true }) email!: string | null;
}

@Entity('Customer')
export class Customer {
  @PrimaryColumn('integer', { name: 'CustomerId' }) id!: number;
  @Column('varchar', { name: 'FirstName', length: 40 }) firstName!: string;
  @Column('varchar', { name: 'LastName', length: 20 }) lastName!: string;
  @Column('varchar', { name: 'Company', length: 80, nullable: true }) company!: string | null;
  @Column('varchar', { name: 'Address', length: 70, nullable: true }) address!: string | null;
  @Column('varchar', { name: 'City', length: 40, nullable: true }) city!: string | null;
  @Column('varchar', { name: 'State', length: 40, nullable: true }) state!: string | null;
  @Column('varchar', { name: 'Country', length: 40, nullable: true }) country!: string | null;
  @Column('varchar', { name: 'PostalCode', length: 10, nullable: true }) postalCode!: string | null;
  @Column('varchar', { name: 'Phone', length: 24, nullable: true }) phone!: string | null;
  @Column('varchar', { name: 'Fax', length: 24, nullable: true }) fax!: string | null;
  @Column('varchar', { name: 'Email', length: 60 }) email!: string;
  @ManyToOne(() => Employee, { nullable: true })
  @JoinColumn({ name: 'SupportRepId' })
  supportRep!: One<Employee> | null;
}

@Entity('Genre')
export class Genre {
  @PrimaryColumn('integer', { name: 'GenreId' }) id!: number;
  @Column('varchar', { name: 'Name', length: 120, nullable: true }) name!: string | null;
}

@Entity('MediaType')
export class MediaType {
  @PrimaryColumn('integer', { name: 'MediaTypeId' }) id!: number;
  @Column('varchar', { name: 'Name', length: 120, nullable: true }) name!: string | null;
}

@Entity('Track')
export class Track {
  @PrimaryColumn('integer', { name: 'TrackId' }) id!: number;
  @Column('varchar', { name: 'Name', length: 200 }) name!: string;
  @ManyToOne(() => Album, { nullable: true }) @JoinColumn({ name: 'AlbumId' }) album!: One<Album> | null;
  @ManyToOne(() => MediaType) @JoinColumn({ name: 'MediaTypeId' }) mediaType!: One<MediaType>;
  @ManyToOne(() => Genre, { nullable: true }) @JoinColumn({ name: 'GenreId' }) genre!: One<Genre> | null;
  @Column('varchar', { name: 'Composer', length: 220, nullable: true }) composer!: string | null;
  @Column('integer', { name: 'Milliseconds' }) milliseconds!: number;
  @Column('integer', { name: 'Bytes', nullable: true }) bytes!: number | null;
  @Column('decimal', { name: 'UnitPrice', precision: 10, scale: 2 }) unitPrice!: string;
}

@Entity('Invoice')
export class Invoice {
  @PrimaryColumn('integer', { name: 'InvoiceId' }) id!: number;
  @ManyToOne(() => Customer) @JoinColumn({ name: 'CustomerId' }) customer!: One<Customer>;
  @Column('timestamp', { name: 'InvoiceDate' }) invoiceDate!: Date;
  @Column('varchar', { name: 'BillingAddress', length: 70, nullable: true }) billingAddress!: string | null;
  @Column('varchar', { name: 'BillingCity', length: 40, nullable: true }) billingCity!: string | null;
  @Column('varchar', { name: 'BillingState', length: 40, nullable: true }) billingState!: string | null;
  @Column('varchar', { name: 'BillingCountry', length: 40, nullable: true }) billingCountry!: string | null;
  @Column('varchar', { name: 'BillingPostalCode', length: 10, nullable: true }) billingPostalCode!:
    | string
    | null;
  @Column('decimal', { name: 'Total', precision: 10, scale: 2 }) total!: string;
}

@Entity('InvoiceLine')
export class InvoiceLine {
  @PrimaryColumn('integer', { name: 'InvoiceLineId' }) id!: number;
  @ManyToOne(() => Invoice) @JoinColumn({ name: 'InvoiceId' }) invoice!: One<Invoice>;
  @ManyToOne(() => Track) @JoinColumn({ name: 'TrackId' }) track!: One<Track>;
  @Column('decimal', { name: 'UnitPrice', precision: 10, scale: 2 }) unitPrice!: string;
  @Column('integer', { name: 'Quantity' }) quantity!: number;
}

@Entity('Playlist')
export class Playlist {
  @PrimaryColumn('integer', { name: 'PlaylistId' }) id!: number;
  @Column('varchar', { name: 'Name', length: 120, nullable: true }) name!: string | null;
}

@Entity('PlaylistTrack')
@Index('IFK_PlaylistTrackPlaylistId', ['playlist'])
export class PlaylistTrack {
  @PrimaryColumn('integer', { name: 'PlaylistId' }) playlistId!: number;
  @PrimaryColumn('integer', { name: 'TrackId' }) trackId!: number;
  @ManyToOne(() => Playlist) @JoinColumn({ name: 'PlaylistId' }) playlist!: One<Playlist>;
  @ManyToOne(() => Track) @JoinColumn({ name: 'TrackId' }) track!: One<Track>;
}

export const chinook = [
  Album,
  Artist,
  Customer,
  Employee,
  Genre,
  Invoice,
  InvoiceLine,
  MediaType,
  Playlist,
  PlaylistTrack,
  Track,
];
