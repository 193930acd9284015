import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

/** What takes long for another reason than Node: kills, a real S3, images and CDK, a browser. */
const slow = ['test/nightly/kills.test.ts', 'test/store/s3*.test.ts', 'test/infra/**', 'test/page/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          // On a second version of Node: NIGHTJAR_QUICK=1 npx -y node@22 node_modules/vitest/vitest.mjs run --project node
          exclude: ['test/edge/**', ...(process.env.NIGHTJAR_QUICK ? slow : [])],
          setupFiles: ['test/equal-bytes.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The worker's own tests run in workerd, the runtime that serves it.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml', environment: 'local' },
            remoteBindings: false,
            miniflare: { ratelimits: { RATE_LIMIT: { simple: { limit: 3, period: 60 } } } },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/edge/**/*.test.ts'],
          testTimeout: 60_000,
          // A whole run takes minutes: NIGHTJAR_MIXED_REQUESTS=100000 npx vitest run test/edge/mixed-requests.test.ts
          provide: { mixedRequests: Number(process.env.NIGHTJAR_MIXED_REQUESTS ?? 4_000) },
        },
      },
    ],
  },
})
