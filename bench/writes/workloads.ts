/** What is written: each workload is one thing that an application does, with the same rows left behind by everybody. */

/** One way of doing the workloads. What a candidate cannot do it leaves out. */
export interface Candidate {
  readonly name: string;
  /** Opens a file that holds the library. */
  open(file: string): Promise<Workloads>;
}

export interface NewNote {
  readonly text: string;
  readonly stars: number;
  readonly writtenAt: Date;
}

/** An order with its lines, all of them new. */
export interface NewOrder {
  readonly customer: string;
  readonly lines: readonly { readonly product: string; readonly quantity: number; readonly price: number }[];
}

export interface Workloads {
  /** @returns the new key */
  insert(note: NewNote): Promise<number>;
  /** @returns how many */
  insertMany(notes: readonly NewNote[]): Promise<number>;
  /** Reads the first notes, adds a star to each and writes them back in one transaction. */
  loadChangeSave(count: number): Promise<void>;
  upsert(id: number, note: NewNote): Promise<void>;
  upsertMany(notes: readonly (NewNote & { readonly id: number })[]): Promise<void>;
  remove(id: number): Promise<void>;
  /** Without making an entity, where there is a way. @returns the new key */
  insertRow(note: NewNote): Promise<number>;
  /** New entities, each of which has its key afterwards. @returns the sum of the keys */
  saveMany(notes: readonly NewNote[]): Promise<number>;
  /** The same through a unit of work, where there is one. */
  addMany(notes: readonly NewNote[]): Promise<number>;
  /** As `loadChangeSave`, through a unit of work. */
  loadChangeFlush(count: number): Promise<void>;
  /** Orders with their lines in one go, all of them with keys afterwards. @returns the sum of the keys */
  saveGraph(orders: readonly NewOrder[]): Promise<number>;
  /** Reads the newest notes and deletes them, as entities where there are some. */
  removeNewest(count: number): Promise<void>;
  /** Reads one note, changes and writes it. */
  changeOne(id: number): Promise<void>;
  updateWhere(id: number, stars: number): Promise<void>;
  increment(id: number, by: number): Promise<void>;
  softDelete(id: number): Promise<void>;
  /** Reads all notes at once. @returns how many */
  readAll(): Promise<number>;
  /** Reads all notes, few of them at a time. */
  stream?(): Promise<number>;
  /** Reads all notes into a unit of work. */
  readManaged?(): Promise<number>;
  close(): Promise<void>;
}
