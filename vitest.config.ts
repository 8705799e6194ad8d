// Three kinds of tests (see src/README.md): unit is pure, integration has a real PostgreSQL, e2e the real process
// over the sandbox and real git. Time-outs are generous because machines are shared; no test depends on a duration.
import { defineConfig } from 'vitest/config'

const unit = { testTimeout: 120_000 }
const slow = { testTimeout: 300_000, hookTimeout: 300_000 }

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...unit } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          maxWorkers: 2,
          ...slow,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          maxWorkers: 2,
          ...slow,
        },
      },
    ],
  },
})
