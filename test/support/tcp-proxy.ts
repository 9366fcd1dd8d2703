// A TCP proxy in front of a server that can be told what to do with the next COMMIT.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `pass` everything; `cut` the line before the COMMIT arrives; `swallow` the answer to it, then cut. */
export type CommitFate = 'pass' | 'cut' | 'swallow';

export interface TcpProxy {
  readonly port: number;
  fate: CommitFate;
  /** Cuts every connection that is open now. */
  cutAll(): void;
  /** Whether new connections are let in. */
  isDown: boolean;
  close(): Promise<void>;
}

export async function tcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const proxy = { fate: 'pass' as CommitFate, isDown: false };
  const server: Server = createServer((client) => {
    client.on('error', () => {});
    if (proxy.isDown) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    upstream.on('error', () => {});
    let isSwallowing = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (data) => {
      if (proxy.fate !== 'pass' && data.includes('COMMIT')) {
        if (proxy.fate === 'cut') return cut();
        isSwallowing = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (isSwallowing) cut();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return Object.assign(proxy, {
    port,
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  });
}

/** The URL of a server, through a proxy in front of it. */
export async function proxied(url: string): Promise<{ url: string; proxy: TcpProxy }> {
  const parsed = new URL(url);
  const proxy = await tcpProxy({ host: parsed.hostname, port: Number(parsed.port) });
  parsed.hostname = '127.0.0.1';
  parsed.port = String(proxy.port);
  return { url: parsed.toString(), proxy };
}
