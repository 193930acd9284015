import { backendPackages, installCommand } from '../engine/tfjs/backend-packages.ts'
import { installedVersions } from '../engine/tfjs/installed-versions.ts'
import { backendNames } from '../engine/tfjs/open-backend.ts'
import { builtModule } from '../engine/wasm/kernels.ts'
import type { NightjarError } from '../errors.ts'
import { s3InstallCommand, s3Package } from '../store/s3/sdk.ts'
import type { Check } from './check.ts'

/** What import and training on the CPU need. */
export async function cpuChecks(): Promise<Check[]> {
  return [
    wasmCheck('simd', 'SIMD', simdModule),
    wasmCheck('wasm-threads', 'threads', threadsModule),
    await builtCheck(() => builtModule('engine.wasm')),
    await duckdbCheck(),
  ]
}

/** Smallest modules with an instruction of each proposal: `i8x16.splat`, and a shared memory with an atomic load. */
const simdModule = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b],
)
const threadsModule = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
  ...[0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, 0x0b],
)

function wasmCheck(name: string, what: string, module: Uint8Array<ArrayBuffer>): Check {
  if (WebAssembly.validate(module)) return { name, mark: 'ok', text: `WebAssembly with ${what}` }
  return {
    name,
    mark: 'missing',
    text: `this Node runs no WebAssembly with ${what}`,
    fix: 'install an official build of Node 22',
  }
}

export async function builtCheck(compile: () => Promise<unknown>): Promise<Check> {
  try {
    await compile()
    return { name: 'engine', mark: 'ok', text: 'the wasm engine is built' }
  } catch (error) {
    const { message, fix } = error as NightjarError
    return { name: 'engine', mark: 'missing', text: message, fix: fix ?? 'npm run build' }
  }
}

async function duckdbCheck(): Promise<Check> {
  try {
    const { version } = await import('@duckdb/node-api')
    return { name: 'duckdb', mark: 'ok', text: `DuckDB ${version().replace(/^v/, '')} loads` }
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]
    return { name: 'duckdb', mark: 'missing', text: `DuckDB does not load: ${reason}`, fix: 'npm ci' }
  }
}

/** What else is installed: the worker's tools, S3's client, and backends of tfjs. */
export function packageChecks(installed = installedVersions): Check[] {
  const { wrangler, workerd } = installed(['wrangler', 'workerd'])
  const serving: Check =
    wrangler === undefined
      ? {
          name: 'wrangler',
          mark: 'note',
          text: 'no wrangler: nothing can be published or served',
          fix: 'npm ci',
        }
      : { name: 'wrangler', mark: 'ok', text: `wrangler ${wrangler}, workerd ${workerd ?? 'not found'}` }
  return [serving, s3Check(), ...backendNames.map(tfjsCheck)]

  function s3Check(): Check {
    const version = installed([s3Package])[s3Package]
    const name = 's3'
    if (version !== undefined) return { name, mark: 'ok', text: `s3:// places, by ${s3Package} ${version}` }
    return {
      name,
      mark: 'note',
      text: `${s3Package} is not installed: no s3:// places`,
      fix: s3InstallCommand(),
    }
  }

  function tfjsCheck(backend: (typeof backendNames)[number]): Check {
    const versions = Object.entries(installed(backendPackages[backend]))
    const name = `tfjs-${backend}`
    if (versions.some(([, version]) => version === undefined)) {
      const fix = installCommand(backend)
      return { name, mark: 'note', text: `tfjs on ${backend} is not installed`, fix }
    }
    const list = versions.map(([name, version]) => `${name.replace('@tensorflow/', '')} ${version}`)
    return { name, mark: 'ok', text: `tfjs on ${backend}: ${list.join(', ')}` }
  }
}
