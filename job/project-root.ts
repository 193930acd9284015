import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/**
 * The folder of nightjar's own package.json: what is shipped beside the code (the engine's wasm, the worker,
 * wrangler.toml) is found from here, whether this runs from the sources or from `dist/`.
 */
export function projectRoot(): string {
  return dirname(createRequire(import.meta.url).resolve('#package.json'))
}
