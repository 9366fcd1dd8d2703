/**
 * A server, once it has said who it is: how to make connections to one database on it, all of them with the same
 * settings, whatever defaults the server has.
 */

import { error } from '../../base/error-codes.js';
import { MysqlConnection, type ServerFacts } from './driver.js';
import { connectionError } from './errors.js';
import { type Flavour, flavourOf, isAtLeast } from './flavour.js';
import { quoteIdentifier } from './literals.js';
import { connectNative, type NativeConnection, type NativeResult } from './native.js';
import { ConnectionPool, type PoolLimits, type PoolSource } from './pool.js';
import { extraSettings, extraSql, sessionSql } from './session.js';
import { describeLocation, type MysqlLocation } from './url.js';

/** Makes connections to one database on a server. */
export class Server implements PoolSource {
  readonly location: MysqlLocation;
  readonly facts: ServerFacts;
  readonly #collation: string;
  readonly #tls: boolean;
  #extras: readonly string[];
  #first: MysqlConnection | undefined;

  private constructor(location: MysqlLocation, said: Said, tls: boolean) {
    this.location = location;
    this.facts = said.facts;
    this.#collation = said.collation;
    this.#tls = tls;
    this.#extras = extraSettings(said.facts.flavour);
  }

  /** @throws CONNECTION_FAILED · DATABASE_MISSING */
  static async connect(location: MysqlLocation): Promise<Server> {
    const name = describeLocation(location);
    const { native, tls } = await connectFirst(location, name);
    try {
      const server = new Server(location, await askServer(native, location, name), tls);
      await server.#findExtras(native);
      server.#first = await server.#settled(native);
      return server;
    } catch (cause) {
      native.destroy();
      throw connectionError(cause, name);
    }
  }

  /** Connections to be leased; the first of all is among those of the first pool. */
  pool(limits: PoolLimits): ConnectionPool {
    const first = this.#first === undefined ? [] : [this.#first];
    this.#first = undefined;
    return new ConnectionPool(this, first, limits, this.facts.name);
  }

  /** The first connection alone, for who needs no pool. */
  async takeFirst(): Promise<MysqlConnection> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.open();
  }

  async open(): Promise<MysqlConnection> {
    try {
      return await this.#settled(await connectNative(this.location, { tls: this.#tls }));
    } catch (cause) {
      throw connectionError(cause, this.facts.name);
    }
  }

  /** A connection that takes several statements at once, for texts that no user has had a hand in. */
  async openForScripts(): Promise<NativeConnection> {
    try {
      const native = await connectNative(this.location, { tls: this.#tls, multipleStatements: true });
      await this.#settle(native);
      return native;
    } catch (cause) {
      throw connectionError(cause, this.facts.name);
    }
  }

  tidy(connection: MysqlConnection): Promise<boolean> {
    const { database } = this.location;
    // A reset leaves the default database where the last holder has put it.
    const use = database === undefined ? [] : [`USE ${quoteIdentifier(database)}`];
    return connection.tidy([...use, ...this.#settings()]);
  }

  async #settled(native: NativeConnection): Promise<MysqlConnection> {
    try {
      await this.#settle(native);
      const connection = new MysqlConnection(native, this.facts);
      connection.onCancel = (threadId) => this.#cancel(threadId);
      return connection;
    } catch (cause) {
      native.destroy();
      throw cause;
    }
  }

  async #cancel(threadId: number): Promise<void> {
    const native = await connectNative(this.location, { tls: this.#tls });
    try {
      await ask(native, `KILL QUERY ${threadId}`);
    } finally {
      native.destroy();
    }
  }

  async #settle(native: NativeConnection): Promise<void> {
    for (const sql of this.#settings()) await ask(native, sql);
  }

  #settings(): string[] {
    const extras = extraSql(this.#extras);
    return [sessionSql(this.#collation), ...(extras === undefined ? [] : [extras])];
  }

  /** Leaves out the settings that this server does not have or does not let us make. */
  async #findExtras(native: NativeConnection): Promise<void> {
    const works = async (settings: readonly string[]): Promise<boolean> =>
      ask(native, extraSql(settings) ?? 'DO 0').then(
        () => true,
        () => false,
      );
    if (await works(this.#extras)) return;
    const fit: string[] = [];
    for (const setting of this.#extras) if (await works([setting])) fit.push(setting);
    this.#extras = fit;
  }
}

/** Tries without TLS where it is only preferred and the server has none. */
async function connectFirst(
  location: MysqlLocation,
  name: string,
): Promise<{ native: NativeConnection; tls: boolean }> {
  const { tls, host, socketPath } = location;
  const isNear = socketPath !== undefined || /^(?:localhost|127\..*|::1)$/.test(host);
  const wanted = tls === 'preferred' ? !isNear : tls !== 'disabled';
  try {
    return { native: await connectNative(location, { tls: wanted }), tls: wanted };
  } catch (cause) {
    const hasNone = (cause as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!hasNone || tls !== 'preferred') throw connectionError(cause, name);
  }
  try {
    return { native: await connectNative(location, { tls: false }), tls: false };
  } catch (cause) {
    throw connectionError(cause, name);
  }
}

/** Runs one statement on a bare connection. */
function ask(native: NativeConnection, sql: string): Promise<NativeResult> {
  return new Promise((resolve, reject) => {
    native.query({ sql }, (cause, result) => {
      if (cause) reject(cause);
      else resolve(result as NativeResult);
    });
  });
}

interface Said {
  readonly facts: ServerFacts;
  readonly collation: string;
}

async function askServer(native: NativeConnection, { scheme }: MysqlLocation, name: string): Promise<Said> {
  const sql =
    'SELECT VERSION(), @@max_allowed_packet, @@SESSION.auto_increment_increment, @@character_set_database, @@collation_database';
  const [[version, packet, step, databaseCharset, databaseCollation] = []] = (await ask(
    native,
    sql,
  )) as unknown[][];
  const flavour: Flavour = {
    ...flavourOf(scheme, String(version)),
    databaseCharset: String(databaseCharset),
    databaseCollation: String(databaseCollation),
  };
  refuseOld(flavour, name);
  // Room for the statement itself.
  const maxPacketBytes = Math.max(1_024, Number(packet) - 65_536);
  const facts = { name, flavour, maxPacketBytes, keyStep: Number(step) || 1 };
  return { facts, collation: String(databaseCollation) };
}

function refuseOld(flavour: Flavour, database: string): void {
  const isNew = flavour.mariadb ? isAtLeast(flavour, 10, 6) : isAtLeast(flavour, 8);
  if (isNew) return;
  const [server, least] = flavour.mariadb ? ['MariaDB', '10.6'] : ['MySQL', '8.0'];
  const reason = `the server is ${server} ${flavour.version.join('.')}; ${least} or newer is needed`;
  throw error('CONNECTION_FAILED', { database, reason });
}
