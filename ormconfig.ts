import { defineConfig } from 'limbeck';

export default defineConfig({
  url: 'sqlite:library.db',
  entities: ['entities/*.ts'],
  migrations: 'migrations',
});
