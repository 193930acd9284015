import { join } from 'node:path'
import { NightjarError } from '../../errors.ts'
import { projectRoot } from '../../project-root.ts'
import { FileStore } from '../../store/file-store.ts'

/** What the AssemblyScript module exports; see assembly/. */
export interface Kernels {
  begin(phase: number, rows: number, lot: number, followers: number): void
  finish(): void
  follow(thread: number): void
  nextLot(share: bigint, lot: number, own: boolean): bigint
  sortCellsByItem(): void
}

const compiled = new Map<string, Promise<WebAssembly.Module>>()

/** A module of the build, compiled once a process. */
export function builtModule(
  name: 'engine.wasm' | 'fold-in-training.wasm' | 'linear.wasm' | 'sampled.wasm',
): Promise<WebAssembly.Module> {
  const found = compiled.get(name) ?? compile(name)
  compiled.set(name, found)
  return found
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const dist = new FileStore(join(projectRoot(), 'dist'))
  if ((await dist.size(name)) === undefined) {
    throw new NightjarError('ENGINE_NOT_BUILT', {
      what: `${dist.uri}/${name} is not there`,
      why: 'the install scripts of the clone did not run',
      fix: 'npm run build',
    })
  }
  return WebAssembly.compile((await dist.read(name)) as Uint8Array<ArrayBuffer>)
}

/** The kernels over a memory. */
export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return instance.exports as unknown as Kernels
}
