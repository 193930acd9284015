import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../job/data/csv-text.ts'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { tempFolder } from '../temp-folder.ts'
import { callCli } from './call-cli.ts'
import { runCli, withoutGpu } from './run-cli.ts'

async function plantedFiles(folder: string) {
  const shop = plantTastes({ users: 120, itemsPerTaste: 10, itemsPerUser: 16 }, 1)
  const csv = (rows: typeof shop.train) =>
    ['user_id,item_id\n', ...rows.map(({ userId, itemId }) => csvLine([userId, itemId]))].join('')
  await writeFile(join(folder, 'train.csv'), csv(shop.train))
  await writeFile(join(folder, 'test.csv'), csv(shop.test))
  return { train: join(folder, 'train.csv'), test: join(folder, 'test.csv') }
}

const quickly = [
  '--model',
  'jca',
  '--hidden',
  '8',
  '--epochs',
  '4',
  '--batch-users',
  '60',
  '--batch-items',
  '60',
]

describe('the command line', () => {
  it('alone shows the pipeline in order', async () => {
    const { code, stdout } = await runCli([])
    expect(code).toBe(0)
    const shown = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1])
    const pipeline = ['import', 'split', 'train', 'evaluate', 'export', 'publish', 'serve']
    expect(shown.filter((name) => pipeline.includes(name))).toEqual(pipeline)
  })

  it('goes the whole way from a CSV to score files, results on stdout and progress on stderr', async () => {
    const folder = await tempFolder()
    const { train, test } = await plantedFiles(folder)
    const dataset = join(folder, 'dataset')
    const run = join(folder, 'run')
    expect((await callCli(['import', train, '--out', dataset])).code).toBe(0)
    const trained = await runCli(['train', dataset, '--out', run, ...quickly], { env: withoutGpu })
    expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining('refit') })
    expect(trained.stderr).toMatch(/engine wasm on \d+ threads?: no GPU \(tensorflow: .+; webgpu: .+\)/)
    expect(trained.stdout).toContain(`nightjar export ${run}`)
    const evaluated = await runCli(['evaluate', run, '--test', test, '--json'])
    const result = JSON.parse(evaluated.stdout)
    for (const key of ['precision', 'recall', 'f1', 'ndcg']) {
      expect(result.metrics['10'][key]).toBeGreaterThan(0)
      expect(result.popularity['10'][key]).toBeGreaterThan(0)
    }
    const onItself = await callCli(['evaluate', run, '--test', train])
    expect(onItself).toMatchObject({ code: 1, stderr: expect.stringContaining('[TEST_KNOWN]') })
    const exported = JSON.parse((await callCli(['export', run, '--k', '10', '--json'])).stdout)
    expect(exported).toMatchObject({ users: 120, k: 10, parts: [{ path: 'scores/part-00000.arrow' }] })
    expect(await readdir(join(run, 'scores'))).toEqual(['part-00000.arrow'])
  })

  it('fails where a GPU is required and none works, and says what each backend lacks', async () => {
    const folder = await tempFolder()
    const { train } = await plantedFiles(folder)
    const dataset = join(folder, 'dataset')
    await callCli(['import', train, '--out', dataset])
    const args = ['train', dataset, '--out', join(folder, 'run'), '--model', 'jca', '--require-gpu']
    const { code, stderr } = await callCli(args, { env: withoutGpu })
    expect(code).toBe(1)
    expect(stderr).toMatch(/\[GPU_REQUIRED\] .*\nCause: .*\n {2}tensorflow: .+\n {2}webgpu: .+\nFix: /)
    expect(await readdir(folder)).not.toContain('run')
  })

  it('stops at Ctrl-C with exit code 6 and nothing that looks finished', async () => {
    const folder = await tempFolder()
    const { train } = await plantedFiles(folder)
    const dataset = join(folder, 'dataset')
    await callCli(['import', train, '--out', dataset])
    const run = join(folder, 'run')
    const forever = [
      '--model',
      'jca',
      '--engine',
      'wasm',
      '--hidden',
      '8',
      '--epochs',
      '100000',
      '--patience',
      '0',
      '--checkpoint-every',
      '5',
    ]
    const stopped = await runCli(['train', dataset, '--out', run, ...forever, '--verbose'], {
      signal: { afterOutput: /search \d+\/100000/, name: 'SIGINT' },
    })
    expect(stopped.code).toBe(6)
    expect(stopped.stderr).toContain('--resume')
    expect(await readdir(run)).toEqual(['checkpoints'])
    expect(await readdir(join(run, 'checkpoints'))).toEqual(['last.safetensors'])
  })
})

describe('wrong use and broken input', () => {
  it('ends with exit code 2 and says what was wanted', async () => {
    const wrong: [string[], RegExp][] = [
      [['trian'], /unknown command 'trian'[\s\S]*Did you mean train[\s\S]*Fix: nightjar --help/],
      [['train', '--out', 'y'], /missing required argument 'dataset'[\s\S]*Fix: nightjar train --help/],
      [['train', 'x'], /required option '-o, --out/],
      [['train', 'x', '--out', 'y', '--epochs', '0'], /invalid epochs: 0 \(want an integer from 1/],
      [['train', 'x', '--out', 'y', '--preset', 'fast'], /unknown preset: fast \(want best or paper\)/],
      [
        ['train', 'x', '--out', 'y', '--engine', 'jac'],
        /unknown engine: jac \(want auto, wasm, tfjs or reference\)/,
      ],
      [
        ['export', 'x', '--backend', 'cuda'],
        /unknown backend: cuda \(want tensorflow, webgpu, wasm or cpu\)/,
      ],
      [
        ['train', 'x', '--out', 'y', '--engine', 'wasm', '--backend', 'cpu'],
        /--backend is of --engine tfjs or auto/,
      ],
      [
        ['evaluate', 'x', '--test', 'y', '--engine', 'reference', '--require-gpu'],
        /reference never uses a GPU/,
      ],
      [['evaluate', 'x', '--test', 'y', '--k', '1,zero'], /invalid k: 1,zero/],
      [['export', 'x', '--k', '0'], /invalid k: 0 \(want an integer from 1 to 1000\)/],
      [['publish', 'x', '--to', 'mars'], /mars/],
      [['nightly', '--gate-margin', '500%'], /invalid --gate-margin: 500% \(want a share: 0.05 or 5%/],
      // The percentage was taken: what is missed is the dataset.
      [['nightly', '--gate-margin', '5%'], /required option '--dataset/],
      [['serve', '--at', 'cloudflare:x'], /invalid --at: cloudflare:x \(want local or local:STATE_FOLDER\)/],
      [['train', 'x', '--out', ''], /invalid place: it is empty/],
      [['import', 'x.csv', '--out', ''], /invalid place: it is empty/],
    ]
    // The first one as a process: its own code is the command line's.
    for (const [n, [args, message]] of wrong.entries()) {
      const { code, stderr } = await (n === 0 ? runCli : callCli)(args)
      expect(stderr, args.join(' ')).toMatch(message)
      expect(code, args.join(' ')).toBe(2)
      expect(stderr).not.toMatch(/^ {4}at /m)
    }
  })

  it("says what is missing of AWS's settings, and nothing of the SDK's own", async () => {
    const env = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: '',
      AWS_PROFILE: '',
      AWS_CONFIG_FILE: '/none',
      AWS_SHARED_CREDENTIALS_FILE: '/none',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const { code, stderr } = await runCli(['list'], { env })
    expect([code, stderr.split('\n')[0]]).toEqual([1, '[AWS_CREDENTIALS] cannot list jobs: no credentials'])
  })

  it('ends with exit code 1, a code, a cause and the next command; no stack unless asked for', async () => {
    const folder = await tempFolder()
    for (const name of ['empty', 'night']) await mkdir(join(folder, name))
    await writeFile(join(folder, 'night/night.json'), '{}')
    await writeFile(join(folder, 'rows.csv'), 'user,item\n')
    const broken: [string[], string][] = [
      [['train', join(folder, 'nothing'), '--out', join(folder, 'run')], 'NOT_A_DATASET'],
      [['evaluate', join(folder, 'empty'), '--test', 'x.csv'], 'NOT_A_RUN'],
      [['export', join(folder, 'empty')], 'NOT_A_RUN'],
      [['import', join(folder, 'missing.csv'), '--out', join(folder, 'out')], 'NOT_FOUND'],
    ]
    for (const [args, name] of broken) {
      const { code, stderr } = await callCli(args)
      expect(stderr, args.join(' ')).toContain(`[${name}] `)
      expect(code, args.join(' ')).toBe(1)
      expect(stderr).not.toMatch(/^ {4}at /m)
    }
    const verbose = await runCli(['export', join(folder, 'empty'), '--verbose'])
    expect(verbose.stderr).toMatch(/^ {4}at /m)
    const night = await callCli(['export', join(folder, 'night')])
    expect(night.stderr).toMatch(/NOT_A_RUN.*is a night without a run/)
    const file = await callCli(['train', join(folder, 'rows.csv'), '--out', join(folder, 'run')])
    expect(file.stderr).toMatch(/NOT_A_DATASET.*is a file, and a dataset is a folder/)
    expect(await readdir(folder)).toEqual(['empty', 'night', 'rows.csv'])
  })
})
