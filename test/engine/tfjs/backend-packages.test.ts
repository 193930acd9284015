import { expect, it } from 'vitest'
import { installCommand, missingPackages } from '../../../job/engine/tfjs/backend-packages.ts'

/** Only these are installed. */
const only =
  (...there: string[]) =>
  (packages: readonly string[]) =>
    Object.fromEntries(packages.map((name) => [name, there.includes(name) ? '1.0.0' : undefined]))

it('the install command names the tested versions, and again what npm would take away', () => {
  expect(installCommand('tensorflow', only())).toBe(
    'npm install --no-save --save-prod @tensorflow/tfjs-node-gpu@4.22.0',
  )
  expect(installCommand('tensorflow', only('webgpu'))).toBe(
    'npm install --no-save --save-prod @tensorflow/tfjs-node-gpu@4.22.0 webgpu@0.6.2',
  )
})

it('only what is not installed is missing', () => {
  expect(missingPackages('webgpu', only('@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'))).toEqual(
    ['webgpu'],
  )
})
