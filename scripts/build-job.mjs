// Bundles the command line into dist/job: a few files instead of the four hundred that its own sources and its packages are,
// since finding and reading those is most of the time in which a command starts. What is imported when it is needed stays a
// file of its own; native and optional packages stay where they are.
//
//   npm run build:job
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundledLicences } from './bundled-licences.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const outdir = join(root, 'dist')
// The names of shared pieces change with what is in them, and older ones would stay.
for (const name of ['job', 'shared']) rmSync(join(outdir, name), { recursive: true, force: true })

const { metafile } = await build({
  // The second is started as a process of its own; the last two are for other readers of what is published.
  entryPoints: [
    'job/cli/main.ts',
    'job/engine/tfjs/probe-child.ts',
    'shared/fnv1a32.ts',
    'shared/kv-keys.ts',
  ],
  absWorkingDir: root,
  outbase: root,
  outdir,
  chunkNames: 'job/pieces/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  // Half of what is left is compiling. Names stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['@duckdb/*', '@aws-sdk/*', '@tensorflow/*', 'webgpu', 'wrangler'],
  // For the packages among them that are CommonJS and require what Node brings.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
})
writeFileSync(join(outdir, 'job', 'licences.txt'), bundledLicences(root, metafile))
