import { createRequire } from 'node:module'
import type { BackendName } from './open-backend.ts'

/** What has to be installed for a backend. All of them are optional peers. */
export const backendPackages: Record<BackendName, readonly string[]> = {
  tensorflow: ['@tensorflow/tfjs-node-gpu'],
  webgpu: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  wasm: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'],
  cpu: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
}

/**
 * The command that installs a backend's packages, in the versions that were tested.
 *
 * `--save-prod` changes nothing beside `--no-save`, but without it npm takes an optional peer that is not there for one
 * that is not wanted, and installs nothing.
 */
export function installCommand(backend: BackendName): string {
  const { peerDependencies } = createRequire(import.meta.url)('#package.json') as {
    peerDependencies: Record<string, string>
  }
  const packages = backendPackages[backend].map((name) => `${name}@${peerDependencies[name]}`)
  return `npm install --no-save --save-prod ${packages.join(' ')}`
}
