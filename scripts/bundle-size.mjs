// Builds the worker as a deployment would, offline, and fails where it has grown too large.
//
//   npm run bundle:size
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const gzipBytesMax = 60_000

// Packages that must not come along: apache-arrow alone is 50 kB, and the worker needs none of these.
const strangers = ['apache-arrow', '@tensorflow', '@aws-sdk', 'node:fs']

const require = createRequire(import.meta.url)
const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js')
const outDir = mkdtempSync(join(tmpdir(), 'nightjar-bundle-'))
try {
  execFileSync(
    process.execPath,
    [wrangler, 'deploy', '--env', 'production', '--dry-run', '--outdir', outDir],
    {
      cwd: dirname(dirname(fileURLToPath(import.meta.url))),
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const scripts = readdirSync(outDir).filter((name) => name.endsWith('.js'))
  const bytes = Buffer.concat(scripts.map((name) => readFileSync(join(outDir, name))))
  const sources = readdirSync(outDir)
    .filter((name) => name.endsWith('.js.map'))
    .flatMap((name) => JSON.parse(readFileSync(join(outDir, name), 'utf8')).sources)
  const found = strangers.filter((name) => sources.some((source) => source.includes(name)))
  const gzipBytes = gzipSync(bytes, { level: 9 }).length
  console.log(`worker bundle: ${bytes.length} bytes, ${gzipBytes} gzip (at most ${gzipBytesMax})`)
  if (found.length > 0) console.error(`the worker's bundle holds ${found.join(', ')}`)
  if (gzipBytes > gzipBytesMax) console.error('the worker has grown too large; see what came in last')
  if (found.length > 0 || gzipBytes > gzipBytesMax || sources.length === 0) process.exitCode = 1
} finally {
  rmSync(outDir, { recursive: true })
}
