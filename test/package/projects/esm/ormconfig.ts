import { defineConfig } from 'limbeck';

export default defineConfig({
  url: 'sqlite:smoke.db',
  entities: ['entities/*.ts'],
  migrations: 'migrations',
});
