import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../capabilities.ts'
import { keptTemplate, resourcesOf } from '../kept-template.ts'

type Module = typeof import('./dockerfile.ts')

/** Whether what .dockerignore keeps out leaves this path in: it keeps out all but what it names. */
async function contextHas(path: string): Promise<boolean> {
  const lines = (await readFile('.dockerignore', 'utf8')).split('\n')
  const letIn = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  return existsSync(path) && letIn.some((name) => path === name || path.startsWith(`${name}/`))
}

describeWith('cdk', 'the Dockerfiles', () => {
  describe.each(['infra/Dockerfile', 'infra/Dockerfile.cpu'])('%s', (path) => {
    let module: Module
    let file: Awaited<ReturnType<Module['dockerfile']>>

    beforeAll(async () => {
      module = await import('./dockerfile.ts')
      file = await module.dockerfile(path)
    })

    const last = () => file.stages.at(-1)!
    const indexOf = (keyword: string) =>
      last().instructions.findIndex((instruction) => instruction.keyword === keyword)

    test('begins every stage with a base named by digest, or with a stage before it', () => {
      expect(file.stages.length).toBeGreaterThan(2)
      file.stages.forEach(({ base }, index) => {
        const before = file.stages.slice(0, index).map(({ name }) => name)
        if (!before.includes(base)) expect(base).toMatch(/^[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
      })
    })

    test('is of Node 22, as .nvmrc says, which tfjs-node-gpu still runs on', async () => {
      const nvmrc = (await readFile('.nvmrc', 'utf8')).trim()
      expect(file.args.get('NODE_IMAGE')).toMatch(RegExp(`^node:${nvmrc}-`))
      expect(Number(nvmrc)).toBeLessThanOrEqual(22)
    })

    test('uses every argument that it takes', () => {
      const all = file.stages.flatMap(({ instructions }) => instructions)
      const named = all.filter(({ keyword }) => keyword === 'ARG').map(({ text }) => text.split('=')[0] ?? '')
      const used = [...all.filter(({ keyword }) => keyword !== 'ARG').map(({ text }) => text)].join('\n')
      for (const name of named) expect(used).toContain(`\${${name}`)
      const bases = [...file.args.keys()]
      expect(bases.length).toBeGreaterThan(0)
      for (const base of file.args.values()) expect(file.stages.map((stage) => stage.base)).toContain(base)
    })

    test('copies only what is there, in the context or in an earlier stage', async () => {
      const stages = file.stages.map(({ name }) => name)
      for (const [index, stage] of file.stages.entries()) {
        for (const { from, sources } of module.copies(stage)) {
          if (from === undefined) {
            for (const source of sources) expect([source, await contextHas(source)]).toEqual([source, true])
          } else {
            expect(stages.slice(0, index)).toContain(from)
          }
        }
      }
    })

    test('runs nightjar as a user of its own, directly, so that SIGTERM reaches it', async () => {
      expect(indexOf('USER')).toBeGreaterThan(-1)
      expect(indexOf('USER')).toBeLessThan(indexOf('ENTRYPOINT'))
      const user = last().instructions[indexOf('USER')].text
      expect(user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
      const [definition] = resourcesOf(await keptTemplate(), 'AWS::Batch::JobDefinition')
      expect((definition.Properties.ContainerProperties as { User: string }).User).toBe(user)
      expect(JSON.parse(last().instructions[indexOf('ENTRYPOINT')].text)).toEqual([
        'node',
        '/opt/nightjar/bin/nightjar.mjs',
      ])
    })

    test('lets that user write in one place, and the job definition mounts it there', async () => {
      const [definition] = resourcesOf(await keptTemplate(), 'AWS::Batch::JobDefinition')
      const { MountPoints } = definition.Properties.ContainerProperties as {
        MountPoints: { ContainerPath: string }[]
      }
      const place = last().instructions[indexOf('VOLUME')].text
      expect(MountPoints.map(({ ContainerPath }) => ContainerPath)).toEqual([place])
      // A volume takes its owner from the image, so the folder has to be given away before.
      const given = last().instructions.findIndex(({ text }) =>
        text.includes(`install -d -o 10001 -g 10001 ${place}`),
      )
      expect(given).toBeGreaterThan(-1)
      expect(given).toBeLessThan(indexOf('VOLUME'))
      expect(last().instructions[indexOf('ENV')].text).toContain(`TMPDIR=${place}`)
    })

    test('ends its build with a check of what it holds, by that user', () => {
      const checks = last().instructions.findIndex(
        ({ keyword, text }) => keyword === 'RUN' && text.includes('nightjar.mjs doctor'),
      )
      expect(checks).toBeGreaterThan(indexOf('USER'))
      const text = last().instructions[checks].text
      expect(text.includes('check-binding.mjs')).toBe(path === 'infra/Dockerfile')
    })
  })

  test('take the same Node and compile the job in the same way', async () => {
    const { dockerfile } = await import('./dockerfile.ts')
    const [gpu, cpu] = await Promise.all(['infra/Dockerfile', 'infra/Dockerfile.cpu'].map(dockerfile))
    expect(cpu.args.get('NODE_IMAGE')).toBe(gpu.args.get('NODE_IMAGE'))
    const compile = (file: typeof gpu) => file.stages.find(({ name }) => name === 'compile')
    expect(compile(cpu)).toEqual(compile(gpu))
  })
})
