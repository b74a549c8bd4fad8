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
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
