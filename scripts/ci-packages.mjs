// Prints the Debian packages that bring what the tests need and this machine lacks.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const capabilities = JSON.parse(readFileSync(new URL('../test/capabilities.json', import.meta.url), 'utf8'))
const missing = Object.values(capabilities)
  .filter(({ debian }) => debian !== undefined)
  .filter(
    ({ command, file }) =>
      (command !== undefined && spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0) ||
      (file !== undefined && !existsSync(file)),
  )
console.log(missing.flatMap(({ debian }) => debian ?? []).join(' '))
