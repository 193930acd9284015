#!/usr/bin/env node
// The built command line. `npm ci` builds it (the `prepare` script); say so kindly where that was skipped.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Whoever reads the output may stop early (`nightjar --help | head`).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const main = new URL('../dist/job/cli/main.js', import.meta.url)
if (existsSync(fileURLToPath(main))) {
  const { main: run } = await import(main.href)
  process.exitCode = await run(process.argv.slice(2))
} else {
  process.stderr.write('nightjar is not built yet.\nFix: npm run build   (npm ci does this by itself)\n')
  process.exitCode = 1
}
