import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeWith } from '../capabilities.ts'
import { tempFolder } from '../temp-folder.ts'
import { templatePath } from './kept-template.ts'

// A bound for a stuck process, on a machine with much else to do.
const slowly = { timeout: 240_000 }

/** `cdk synth` as it is run by hand, but by somebody without an account, a home or a network. */
async function cdkSynth(): Promise<string> {
  const out = await tempFolder()
  await promisify(execFile)(
    process.execPath,
    ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', out],
    {
      cwd: 'infra',
      env: {
        PATH: process.env.PATH,
        HOME: out,
        CI: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
        HTTPS_PROXY: 'http://127.0.0.1:9',
      },
    },
  )
  return out
}

describeWith('cdk', 'cdk synth', () => {
  test('needs no account and no network, and gives the template that is kept', slowly, async () => {
    const out = await cdkSynth()
    expect(
      await readFile(join(out, 'nightjar.template.json'), 'utf8'),
      `run: npm run synth --prefix infra, and commit ${templatePath}`,
    ).toBe(await readFile(templatePath, 'utf8'))
  })

  test("is clean by AWS's rules, and would not be with a bucket as it comes", slowly, async () => {
    const { Bucket, brokenRules } = await import('./synthesised.ts')
    expect(brokenRules()).toEqual([])
    expect(brokenRules((stack) => new Bucket(stack, 'Bare'))).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10'])
  })
})
