import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tutti$/, replacement: src('index.ts') },
      { find: /^tutti\/(.*)$/, replacement: src('$1/index.ts') },
    ],
  },
  // Tests that run the command line need it built from what is there now.
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'scripts/setup.mjs',
    // Most files wait for processes that they have started: two of them take little longer than one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
