import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { describeWith } from '../../capabilities.ts'
import { tempFolder } from '../../temp-folder.ts'

const run = promisify(execFile)

/**
 * What the last stage of the GPU's image holds of nightjar, made as its Dockerfile does. The job is compiled from what is
 * copied there, unchecked: its types are checked elsewhere. The WebAssembly modules are those that `npm ci` built.
 */
async function contents(): Promise<string> {
  const source = await tempFolder()
  for (const name of ['package.json', 'tsconfig.json', 'scripts', 'shared', 'edge', 'job']) {
    await cp(name, join(source, name), { recursive: true })
  }
  await symlink(resolve('node_modules'), join(source, 'node_modules'))
  await run('npm', ['run', 'build:job'], { cwd: source })

  const image = await tempFolder()
  for (const name of ['package.json', 'package-lock.json', 'bin', 'infra/scripts']) {
    await cp(name, join(image, name), { recursive: true })
  }
  const peers = ['@aws-sdk/client-s3', '@tensorflow/tfjs-node-gpu']
  await run('sh', ['infra/scripts/packages.sh', ...peers], { cwd: image })
  await cp(join(source, 'dist'), join(image, 'dist'), { recursive: true })
  for (const name of await readdir('dist')) {
    if (name.endsWith('.wasm')) await cp(join('dist', name), join(image, 'dist', name))
  }
  return image
}

function nightjar(image: string, ...args: string[]) {
  return run(process.execPath, [join(image, 'bin/nightjar.mjs'), ...args], { cwd: image })
}

describeWith('tfjs-node-gpu', 'what the images hold', () => {
  test('lacks for a GPU nothing but the addon, and trains and exports without a package more', {
    timeout: 300_000,
  }, async () => {
    const image = await contents()
    await expect(
      run(process.execPath, ['infra/scripts/check-binding.mjs'], { cwd: image }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'does not work: The Node.js native addon module (tfjs_binding.node) can not be found',
      ),
    })

    // The image for CPUs has all of this but TensorFlow.
    await rm(join(image, 'node_modules/@tensorflow'), { recursive: true })
    const doctor = await nightjar(image, 'doctor')
    expect(doctor.stdout).toContain('s3:// places, by @aws-sdk/client-s3')
    const rows = Array.from({ length: 400 }, (_, n) => `u${n % 40},i${(n * 7 + (n % 40)) % 30}`)
    await writeFile(join(image, 'rows.csv'), `user_id,item_id\n${[...new Set(rows)].join('\n')}\n`)
    await nightjar(image, 'import', 'rows.csv', '--out', 'shop')
    await nightjar(image, 'train', 'shop', '--out', 'run', '--epochs', '2', '--model', 'jca', '--hidden', '8')
    await nightjar(image, 'export', 'run', '--k', '10')
    expect(await readdir(join(image, 'run', 'scores'))).toEqual(['part-00000.arrow'])
    expect(await readdir(join(image, 'node_modules'))).not.toContain('wrangler')
  })
})

describe('packages.sh', () => {
  test('brings what tfjs does not declare, in the version that tfjs-core declares', async () => {
    const core = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json')
    expect(await readFile('infra/scripts/packages.sh', 'utf8')).toContain(`long@${core.dependencies.long}`)
  })

  test('refuses a package that package.json has no version of', async () => {
    const image = await tempFolder()
    await cp('package.json', join(image, 'package.json'))
    await expect(
      run('sh', [resolve('infra/scripts/packages.sh'), 'left-pad'], { cwd: image }),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('left-pad is no optional peer') })
  })
})

describe('check-binding.mjs', () => {
  /** The check beside a package of that name, which is tfjs on the CPU, as it is or miscounting. */
  async function beside(matMul: string): Promise<string> {
    const image = await tempFolder()
    const folder = join(image, 'node_modules/@tensorflow/tfjs-node-gpu')
    const find = createRequire(import.meta.url)
    const [core, cpu] = ['core', 'backend-cpu'].map((name) =>
      JSON.stringify(dirname(find.resolve(`@tensorflow/tfjs-${name}/package.json`))),
    )
    await mkdir(folder, { recursive: true })
    await writeFile(
      join(folder, 'index.js'),
      `const tf = require(${core}); require(${cpu}); module.exports = { ...tf, ready: tf.ready, matMul: ${matMul} }`,
    )
    await cp('infra/scripts/check-binding.mjs', join(image, 'check-binding.mjs'))
    return join(image, 'check-binding.mjs')
  }

  test('is content with a TensorFlow that computes', async () => {
    expect((await run(process.execPath, [await beside('tf.matMul')])).stdout).toContain('loads and computes')
  })

  test('fails with one that computes something else', async () => {
    const script = await beside('(a, b) => tf.add(tf.matMul(a, b), 1)')
    await expect(run(process.execPath, [script])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('= 12'),
    })
  })
})
