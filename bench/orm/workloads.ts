/** What is measured: each workload is one thing that an application does, with the same answer from everybody. */

/** One way of doing the workloads. What a candidate cannot do it leaves out. */
export interface Candidate {
  readonly name: string;
  /** Opens a database that holds the library: a file, or the URL of one on a server. */
  open(place: string): Promise<Workloads>;
}

export interface NewNote {
  readonly text: string;
  readonly stars: number;
  readonly writtenAt: Date;
}

/** An author with books with chapters, none of which is there yet. */
export interface NewAuthor {
  readonly name: string;
  readonly born: number;
  readonly books: readonly {
    readonly title: string;
    readonly isbn: string;
    readonly pages: number;
    readonly price: number;
    readonly inPrint: boolean;
    readonly publishedAt: Date;
    readonly summary: string;
    readonly chapters: readonly { readonly number: number; readonly title: string }[];
  }[];
}

/** Entities or rows: compared by their JSON, so a Date and its ISO text are equal. */
export interface Workloads {
  byKey(id: number): Promise<unknown>;
  byUnique(isbn: string): Promise<unknown>;
  /** Books ordered by key. */
  rows(count: number): Promise<unknown[]>;
  /** Chapters ordered by key: nothing in them needs to be converted. */
  plainRows(count: number): Promise<unknown[]>;
  /** Books in print of at least so many pages, by title, one page of twenty. */
  page(pages: number, skip: number): Promise<unknown[]>;
  /** Books with their author. */
  withAuthor(count: number): Promise<unknown[]>;
  /** Authors with their books with their chapters, all ordered by key. */
  nested(authors: number): Promise<unknown[]>;
  /** Books with their tags, ordered by key. */
  withTags(count: number): Promise<unknown[]>;
  /** How many books of an author, and their pages. */
  aggregate?(authorId: number): Promise<{ readonly count: number; readonly pages: number }>;
  /** @returns the new key */
  insert(note: NewNote): Promise<number>;
  /** @returns how many */
  insertMany(notes: readonly NewNote[]): Promise<number>;
  /** Reads the first notes, adds a star to each and writes them back in one transaction. */
  loadChangeSave(count: number): Promise<void>;
  /** Saves new notes together, so that they know their keys. */
  saveNew?(notes: readonly NewNote[]): Promise<unknown>;
  /** Saves an author with all that belongs to it. */
  saveGraph?(author: NewAuthor): Promise<unknown>;
  /** Reads the last notes and removes them in one transaction. */
  removeMany?(count: number): Promise<void>;
  upsert?(id: number, note: NewNote): Promise<void>;
  remove(id: number): Promise<void>;
  close(): Promise<void>;
}
