// Prints the Debian packages that bring what the tests need and this machine lacks.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const capabilities = JSON.parse(readFileSync(new URL('../test/capabilities.json', import.meta.url), 'utf8'))
const missing = Object.values(capabilities)
  .filter(({ command }) => command !== undefined)
  .filter(({ command }) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0)
console.log(missing.flatMap(({ debian }) => debian ?? []).join(' '))
