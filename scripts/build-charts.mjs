// Bundles what draws the reports' charts into dist/charts.mjs, so that the packages behind it are needed only here; their
// licences go beside it.
//
//   npm run build:charts
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundledLicences } from './bundled-licences.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { metafile } = await build({
  stdin: {
    contents: `export { compile } from 'vega-lite'; export { parse, View } from 'vega'`,
    resolveDir: root,
  },
  outfile: join(root, 'dist', 'charts.mjs'),
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  // The browser's half of the packages: no `canvas` is looked for, so texts are as wide here as on every machine.
  platform: 'browser',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
})

writeFileSync(join(root, 'dist', 'charts.licences.txt'), bundledLicences(root, metafile))
