// Keeps both servers running for a day of development, and prints what makes `npx jest` use them:
//   npx tsx test/support/servers/run.ts > .cache/servers.env
// Ctrl-C and SIGTERM end them; so does the end of a terminal, unless under nohup.
import { startMariadb } from './mariadb';
import { startPostgres } from './postgres';

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  const [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()]);
  console.log(`export LIMBECK_TEST_POSTGRES_URL=${postgres.url}`);
  console.log(`export LIMBECK_TEST_MYSQL_URL=${mariadb.url}`);
  // Nothing else keeps this process, and thereby the servers that must not outlive it.
  setInterval(() => {}, 2 ** 30);
}

main().catch((cause) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exit(1);
});
