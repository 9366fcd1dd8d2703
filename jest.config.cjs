// Tests run against src/ without a build: swc strips the types, and `limbeck` means src/index.ts.
// Only end-to-end tests, which start dist/cli/main.js, need the build that `npm test` makes first.

/** @param {import('@swc/core').TransformConfig} transform */
const swc = (transform) => [
  '@swc/jest',
  {
    jsc: {
      // Nothing above ES2022 is left to the engine: Node 20 has neither decorators nor `using`.
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { useDefineForClassFields: true, ...transform },
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/projects/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.dist-', '<rootDir>/test/package/projects/'],
  moduleFileExtensions: ['js', 'ts', 'cjs', 'mjs', 'json', 'node'],
  moduleNameMapper: {
    '^limbeck$': '<rootDir>/src/index.ts',
    '^limbeck/testing$': '<rootDir>/src/testing/index.ts',
  },
  resolver: '<rootDir>/scripts/jest-resolver.cjs',
  transform: {
    // The first pattern that matches wins: *.tc39.ts and *.tc39.test.ts have standard decorators.
    '\\.tc39(\\.test)?\\.ts$': swc({ decoratorVersion: '2022-03' }),
    '\\.ts$': swc({ legacyDecorator: true, decoratorMetadata: true }),
  },
  // The database servers of the run: started by whoever asks first, ended here.
  globalSetup: '<rootDir>/test/support/servers/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/servers/global-teardown.ts',
  reporters: ['default', '<rootDir>/scripts/jest-summary-reporter.cjs'],
  maxWorkers: 2,
  testTimeout: 60_000,
};
