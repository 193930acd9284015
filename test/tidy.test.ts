import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .toString()
  .trim()
  .split('\n')
const sources = files.filter((file) => /^(job|edge|shared|infra)\/.*\.tsx?$/.test(file))
const isKernel = (file: string) => file.includes('/assembly/')

/** What a file imports: paths within the project, or package names. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(/(?:from|import\(|^import) ?'([^']+)'/gm)].map(([, target]) =>
    target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
  )
}

/**
 * Floors of the job, from the ground up. A file may import from its own floor's folder and from lower floors;
 * folders of one floor do not know each other. Single files of job/ itself are the ground.
 */
const floors = [
  ['store'],
  ['data'],
  ['engine'],
  ['models'],
  ['evaluate'],
  ['train'],
  ['export', 'publish'],
  ['gate'],
  ['report'],
  ['nightly', 'serve', 'feedback', 'experiments', 'doctor'],
  // It looks at what any of those left.
  ['inspect'],
  ['cloud'],
  ['cli'],
]

function floorOf(path: string): { folder: string; floor: number } {
  const [, folder, ...rest] = path.split('/')
  if (rest.length === 0) return { folder: '', floor: -1 }
  return { folder, floor: floors.findIndex((names) => names.includes(folder)) }
}

describe('the direction of imports', () => {
  it('within the job runs down: data, engine <- models <- evaluate, train <- export, publish <- cli', async () => {
    const wrong: string[] = []
    for (const file of sources.filter((f) => f.startsWith('job/') && !isKernel(f))) {
      const from = floorOf(file)
      if (from.folder !== '' && from.floor < 0)
        wrong.push(`${file}: its folder has no floor; give it one here`)
      for (const target of await importsOf(file)) {
        if (!target.startsWith('job/')) continue
        const to = floorOf(target)
        if (to.folder !== from.folder && to.floor >= from.floor) wrong.push(`${file} -> ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('between the parts: shared knows nobody, edge and infra never import the job, nobody imports tests', async () => {
    const wrong: string[] = []
    for (const file of sources) {
      const part = file.split('/')[0]
      for (const target of await importsOf(file)) {
        const to = /^(job|edge|shared|infra|test)\//.exec(target)?.[1]
        if (to !== undefined && to !== part && to !== 'shared') wrong.push(`${file} -> ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('shared and edge stay free of Node, tfjs, AWS and apache-arrow', async () => {
    const wrong: string[] = []
    for (const file of sources.filter((f) => /^(shared|edge)\//.test(f))) {
      for (const target of await importsOf(file)) {
        if (/^(node:|@tensorflow\/|@aws-sdk\/|apache-arrow)/.test(target)) wrong.push(`${file} -> ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('node:fs stands in the file store alone', async () => {
    const users: string[] = []
    for (const file of sources) {
      if ((await importsOf(file)).some((target) => /^node:fs/.test(target))) users.push(file)
    }
    expect(users).toEqual(['job/store/file-store.ts'])
  })

  it('models do no I/O and know no clock', async () => {
    const wrong: string[] = []
    for (const file of sources.filter((f) => f.startsWith('job/models/'))) {
      for (const target of await importsOf(file)) {
        if (/^(node:|job\/(store|clock|progress))/.test(target)) wrong.push(`${file} -> ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('the house rules', () => {
  it('files are named in kebab-case, and none is called utils, helpers or common', () => {
    const code = files.filter((file) => /^(job|edge|shared|infra|test)\/.*\.tsx?$/.test(file))
    expect(
      code.filter((file) => !/^[a-z0-9-]+(\.[a-z]+)*\.tsx?$/.test(file.split('/').at(-1) ?? '')),
    ).toEqual([])
    expect(code.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(file))).toEqual([])
  })

  it('a file of code stays under 300 lines', async () => {
    const long: string[] = []
    for (const file of sources) {
      const lines = (await readFile(file, 'utf8')).split('\n').length
      if (lines > 300) long.push(`${file}: ${lines}`)
    }
    expect(long).toEqual([])
  })

  it('no build output and no data is committed', () => {
    expect(
      files.filter((file) => /^(dist|work|runs|node_modules)\/|\.(wasm|arrow|safetensors)$/.test(file)),
    ).toEqual([])
  })

  it('the fixed top level is there', () => {
    const tops = new Set(files.map((file) => file.split('/')[0]))
    for (const name of [
      'package.json',
      'tsconfig.json',
      'job',
      'edge',
      'shared',
      'infra',
      'test',
      'wrangler.toml',
    ]) {
      expect([...tops]).toContain(name)
    }
  })

  it('every relative link in the documents leads to a file', async () => {
    const broken: string[] = []
    for (const file of files.filter((f) => f.endsWith('.md'))) {
      const text = (await readFile(file, 'utf8')).replace(/```[\s\S]*?```/g, '')
      for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue
        const path = normalize(join(dirname(file), target))
        if (!files.some((f) => f === path || f.startsWith(`${path.replace(/\/$/, '')}/`)))
          broken.push(`${file}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})
