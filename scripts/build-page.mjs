// Bundles the page into dist/assets, which the worker serves: `/` is index.html, the rest lies under /page/.
//
//   npm run build:page
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = (name) => join(root, 'edge', 'page', name)

await build({
  entryPoints: [
    { in: source('index.html'), out: 'index' },
    { in: source('main.tsx'), out: 'page/page' },
    { in: source('page.css'), out: 'page/page' },
    { in: source('nightjar.svg'), out: 'page/nightjar' },
  ],
  outdir: join(root, 'dist', 'assets'),
  tsconfig: source('tsconfig.json'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.html': 'copy', '.svg': 'copy' },
  logLevel: 'warning',
})
