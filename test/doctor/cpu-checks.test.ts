import { describe, expect, it } from 'vitest'
import { builtCheck, cpuChecks, packageChecks } from '../../job/doctor/cpu-checks.ts'
import { NightjarError } from '../../job/errors.ts'

describe('checks of training on the CPU', () => {
  it('find all of it in a built clone', async () => {
    const checks = await cpuChecks()
    expect(checks.map(({ name, mark }) => [name, mark])).toEqual([
      ['simd', 'ok'],
      ['wasm-threads', 'ok'],
      ['engine', 'ok'],
      ['duckdb', 'ok'],
    ])
    expect(checks[3].text).toMatch(/^DuckDB \d+\.\d+\.\d+ loads$/)
  })

  it('miss an engine that is not built, or does not compile, and say how to build it', async () => {
    const notBuilt = new NightjarError('ENGINE_NOT_BUILT', {
      what: 'engine.wasm is not there',
      fix: 'npm run build',
    })
    for (const error of [notBuilt, new Error('engine.wasm is not there')]) {
      expect(await builtCheck(() => Promise.reject(error))).toEqual({
        name: 'engine',
        mark: 'missing',
        text: 'engine.wasm is not there',
        fix: 'npm run build',
      })
    }
  })
})

describe('checks of packages', () => {
  const some = (have: Record<string, string>) => (packages: readonly string[]) =>
    Object.fromEntries(packages.map((name) => [name, have[name]]))

  it('tell the versions of what is installed', () => {
    const checks = packageChecks(
      some({
        wrangler: '4.1.0',
        workerd: '1.2.0',
        '@aws-sdk/client-s3': '3.5.0',
        '@tensorflow/tfjs-core': '4.22.0',
        '@tensorflow/tfjs-backend-webgpu': '4.22.0',
        webgpu: '0.6.2',
      }),
    )
    const texts = Object.fromEntries(checks.map(({ name, mark, text }) => [name, `${mark} ${text}`]))
    expect(texts).toEqual({
      wrangler: 'ok wrangler 4.1.0, workerd 1.2.0',
      s3: 'ok s3:// places, by @aws-sdk/client-s3 3.5.0',
      'tfjs-tensorflow': 'note tfjs on tensorflow is not installed',
      'tfjs-webgpu': 'ok tfjs on webgpu: tfjs-core 4.22.0, tfjs-backend-webgpu 4.22.0, webgpu 0.6.2',
      'tfjs-wasm': 'note tfjs on wasm is not installed',
      'tfjs-cpu': 'note tfjs on cpu is not installed',
    })
  })

  it('call nothing missing, for training on the CPU needs none of them', () => {
    expect(packageChecks(some({})).map(({ mark }) => mark)).toEqual(Array(6).fill('note'))
    expect(packageChecks(some({})).every(({ fix }) => fix?.startsWith('npm '))).toBe(true)
  })
})
