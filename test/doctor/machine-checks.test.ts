import { describe, expect, it } from 'vitest'
import {
  coresAllowed,
  type MachineFacts,
  machineChecks,
  machineFacts,
} from '../../job/doctor/machine-checks.ts'

const facts: MachineFacts = {
  nightjar: { version: '1.2.3', commit: 'abc123' },
  node: '22.11.0',
  system: 'Linux 6.1, x64',
  cores: 8,
  memoryBytes: 16 * 2 ** 30,
}
const check = (name: string, more: Partial<MachineFacts>) =>
  machineChecks({ ...facts, ...more }).find((found) => found.name === name)

describe('checks of the machine', () => {
  it('are all well on a usual one', () => {
    expect(machineChecks(facts).map(({ mark, text }) => `${mark} ${text}`)).toEqual([
      'ok nightjar 1.2.3, commit abc123',
      'ok Node 22.11.0',
      'ok Linux 6.1, x64',
      'ok 8 cores',
      'ok 16.0 GiB of memory',
    ])
  })

  it('ask for Node 20.19, recommend 22, and say what a newer one cannot run', () => {
    for (const node of ['18.20.4', '20.18.3']) expect(check('node', { node })?.mark, node).toBe('missing')
    for (const node of ['20.19.0', '20.20.2', '21.0.0']) {
      expect(check('node', { node }), node).toMatchObject({
        mark: 'ok',
        text: `Node ${node} (22 is recommended)`,
      })
    }
    expect(check('node', { node: '24.1.0' })).toMatchObject({
      mark: 'note',
      text: expect.stringContaining('tfjs-node-gpu wants 18 to 22'),
    })
  })

  it('leave out a commit that nobody knows', () => {
    expect(check('nightjar', { nightjar: { version: '1.2.3', commit: null } })?.text).toBe('nightjar 1.2.3')
  })

  it("tell a container's share of the cores, and the threads for it", () => {
    expect(check('cores', { coresAllowed: 2.5 })).toMatchObject({
      mark: 'note',
      text: '8 cores, of which the container may use 2.5',
      fix: expect.stringContaining('--threads 2'),
    })
    expect(check('cores', { coresAllowed: 0.5 })?.fix).toContain('--threads 1')
    expect(check('cores', { coresAllowed: 8 })?.mark).toBe('ok')
  })

  it('read the share from a cgroup, where it has one', () => {
    expect(coresAllowed('250000 100000\n')).toBe(2.5)
    for (const none of ['max 100000\n', '', undefined]) expect(coresAllowed(none)).toBeUndefined()
  })

  it('note little memory', () => {
    expect(check('memory', { memoryBytes: 2 ** 30 })).toMatchObject({
      mark: 'note',
      text: expect.stringContaining('1.0 GiB'),
    })
  })

  it('have facts of this machine', async () => {
    const here = await machineFacts()
    expect(here).toMatchObject({ node: process.versions.node, cores: expect.any(Number) })
    expect(here.memoryBytes).toBeGreaterThan(2 ** 28)
    expect(here.memoryBytes).toBeLessThan(2 ** 50)
  })
})
