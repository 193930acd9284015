// Bundles what draws the reports' charts into dist/charts.mjs, so that the packages behind it are needed only here; their
// licences go beside it.
//
//   npm run build:charts
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

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

const packages = Object.keys(metafile.inputs)
  .map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
  .filter((name) => name !== undefined)
const licences = [...new Set(packages)].sort().map((name) => {
  const folder = join(root, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return `${name} ${version} (${license})\n\n${licenceOf(name, folder)}\n`
})
writeFileSync(join(root, 'dist', 'charts.licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`))

// The packages of one repository share its licence, and some of them do not carry it.
function licenceOf(name, folder) {
  for (const place of [folder, ...(name.startsWith('vega') ? [join(root, 'node_modules', 'vega')] : [])]) {
    for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt']) {
      try {
        return readFileSync(join(place, file), 'utf8').trim()
      } catch (error) {
        if (error.code !== 'ENOENT') throw error
      }
    }
  }
  throw new Error(`${name} is bundled and carries no licence`)
}
