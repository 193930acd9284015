import { describe, expect, it } from 'vitest'
import { examinationText } from '../../job/doctor/examination-text.ts'
import { conclude, type Examination, examine } from '../../job/doctor/examine.ts'
import { gpuBackends, type Probe } from '../../job/engine/tfjs/probe-backends.ts'

const works: Probe = { backend: 'webgpu', gpu: true, device: 'Some GPU', ms: 12, versions: {}, log: '' }
const fails: Probe = {
  backend: 'tensorflow',
  gpu: false,
  lacks: { what: 'not installed', fix: 'npm install it' },
  versions: {},
  log: '',
}

describe('an examination', () => {
  it('probes GPUs where they are asked about, and says so in a group of their own', async () => {
    const asked: string[] = []
    const examination = await examine(true, async (backends) => {
      asked.push(...backends)
      return [fails, works]
    })
    expect(asked).toEqual([...gpuBackends])
    expect(examination).toMatchObject({ cpu: true, gpu: true, verdict: 'a GPU works: Some GPU, by webgpu' })
    expect(examination.groups.map(({ title }) => title)).toEqual([
      'This machine',
      'Training on the CPU',
      'Training on a GPU',
      'Packages',
      'Credentials',
    ])
  })

  it('ends in a verdict on what was asked about', () => {
    expect(conclude(true, undefined, false)).toEqual({
      cpu: true,
      gpu: null,
      verdict: 'training on the CPU works',
    })
    expect(conclude(true, [fails], false)).toMatchObject({ gpu: false, verdict: 'training on the CPU works' })
    expect(conclude(true, [fails, works], false).verdict).toBe(
      'training on the CPU works, and a GPU works: Some GPU, by webgpu',
    )
    expect(conclude(true, [fails], true).verdict).toBe('no GPU works here; training on the CPU works')
    expect(conclude(false, [works], true).verdict).toBe('training does not work here: see what is missing')
  })
})

describe('the text of an examination', () => {
  const examination: Examination = {
    groups: [
      {
        title: 'Things',
        checks: [
          { name: 'a', mark: 'ok', text: 'short' },
          { name: 'b', mark: 'missing', text: 'word '.repeat(30).trim(), fix: 'a fix '.repeat(20).trim() },
          {
            name: 'c',
            mark: 'note',
            text: 'c',
            fix: `npm install --no-save ${'@scope/package '.repeat(6).trim()}`,
          },
        ],
      },
    ],
    cpu: true,
    gpu: null,
    verdict: 'all is well',
  }
  const lines = examinationText(examination).split('\n')

  it('fits 80 columns, with every word of it', () => {
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '' && word !== '\\')
    const { checks } = examination.groups[0]
    expect(words(lines.slice(1, -2).join(' '))).toEqual(
      checks.flatMap(({ mark, text, fix }) => [
        mark,
        ...words(text),
        ...(fix ? ['fix:', ...words(fix)] : []),
      ]),
    )
  })

  it('begins each check with its mark, and ends in the verdict', () => {
    expect(lines.slice(0, 2)).toEqual(['Things', '  ok       short'])
    expect(lines.at(-1)).toBe('Verdict: all is well')
  })

  it('cuts a command so that it can be copied', () => {
    const at = lines.findIndex((line) => line.includes('fix: npm install'))
    expect(lines[at]).toMatch(/ \\$/)
    const command = lines.slice(at, -2).map((line) => line.replace(/\\$/, '').trim())
    expect(command.join(' ')).toBe(`fix: ${examination.groups[0].checks[2].fix}`)
  })
})
