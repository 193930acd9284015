import { join } from 'node:path'
import { NightjarError } from '../../errors.ts'
import { projectRoot } from '../../project-root.ts'
import { FileStore } from '../../store/file-store.ts'

/** What the AssemblyScript module exports; see assembly/. */
export interface Kernels {
  begin(phase: number, rows: number, lot: number, followers: number): void
  finish(): void
  follow(thread: number): void
  sortCellsByItem(): void
}

let compiled: Promise<WebAssembly.Module> | undefined

/** The engine's module, compiled once a process. */
export function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= (async () => {
    const dist = new FileStore(join(projectRoot(), 'dist'))
    if ((await dist.size('engine.wasm')) === undefined) {
      throw new NightjarError('ENGINE_NOT_BUILT', {
        what: `${dist.uri}/engine.wasm is not there`,
        why: 'the install scripts of the clone did not run',
        fix: 'npm run build',
      })
    }
    return WebAssembly.compile((await dist.read('engine.wasm')) as Uint8Array<ArrayBuffer>)
  })()
  return compiled
}

/** The kernels over a memory. */
export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return instance.exports as unknown as Kernels
}
