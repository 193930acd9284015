import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Left out on a second version of Node (`NIGHTJAR_QUICK=1`), which is there to show that the package works on it: what takes
 * long, and shows something else.
 */
const notOfNode = [
  // Kills, a real S3, images and CDK, a browser, a fake of Cloudflare under every fault.
  'test/nightly/kills.test.ts',
  'test/store/s3*.test.ts',
  'test/infra/**',
  'test/page/**',
  'test/report/report-looks.test.ts',
  'test/publish/cloudflare/cloudflare-kv.test.ts',
  // What models find, search and compare: arithmetic, on engines whose own tests are not left out.
  'test/models/**',
  'test/experiments/**',
  'test/gate/**',
  'test/nightly/fair-gate.test.ts',
  'test/train/every-model.test.ts',
  'test/train/train-run.test.ts',
  'test/train/fold-in.test.ts',
  'test/export/shards.test.ts',
  // A fake of AWS in made-up time: whole-process.test.ts asks it from processes.
  'test/cloud/!(whole-process).test.ts',
  // TensorFlow.js.
  'test/engine/tfjs/mock-*/**',
  'test/engine/tfjs/mock-*.test.ts',
  'test/engine/tfjs/tfjs-*.test.ts',
  // The repository itself, and pages whose commands whole-way.test.ts runs too.
  'test/docs/**',
  'test/bench/**',
  'test/cost.test.ts',
  'test/deploy.test.ts',
  'test/tidy.test.ts',
]

/** Of nothing but values and folders of their own: files that can share a process, and what they import is loaded once. */
const together = [
  'test/{shared,data,evaluate,gate,models,export,train,experiments,inspect}/**/*.test.ts',
  'test/engine/{fold-in,linear,sampled,wasm}/**/*.test.ts',
]

/** A shared machine stands still at times, and a browser or a server with it; `.ci/run` names what needed it. */
const retry = process.env.CI ? 1 : 0

const onNode = {
  retry,
  setupFiles: ['test/equal-bytes.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
}
const leftOut = [...configDefaults.exclude, ...(process.env.NIGHTJAR_QUICK ? notOfNode : [])]

export default defineConfig({
  test: {
    // Vitest leaves one core to itself: of two that is half.
    maxWorkers: '100%',
    projects: [
      // Both on a second version of Node: NIGHTJAR_QUICK=1 npx -y node@22 node_modules/vitest/vitest.mjs run --project '!workerd'
      {
        test: {
          ...onNode,
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...leftOut, ...together, 'test/edge/**'],
        },
      },
      { test: { ...onNode, name: 'together', include: together, exclude: leftOut, isolate: false } },
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
          retry,
          testTimeout: 60_000,
          // A whole run takes minutes: NIGHTJAR_MIXED_REQUESTS=100000 npx vitest run test/edge/mixed-requests.test.ts
          provide: { mixedRequests: Number(process.env.NIGHTJAR_MIXED_REQUESTS ?? 4_000) },
        },
      },
    ],
  },
})
