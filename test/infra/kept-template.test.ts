import { stat } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CloudTemplate, keptTemplate, plain, resourcesOf, templatePath } from './kept-template.ts'

describe('the template that is kept', () => {
  let template: CloudTemplate

  beforeAll(async () => {
    template = await keptTemplate()
  })

  test('is deployed without a bucket: CloudFormation takes 51,200 bytes directly', async () => {
    expect((await stat(templatePath)).size).toBeLessThan(51_200)
  })

  test('needs no bootstrapped account and no asset', () => {
    expect(template.Rules).toBeUndefined()
    expect(Object.keys(template.Parameters)).not.toContain('BootstrapVersion')
    expect(JSON.stringify(template)).not.toMatch(/cdk-hnb659fds|AssetParameters|Custom::/)
    expect(resourcesOf(template, 'AWS::Lambda::Function')).toEqual([])
  })

  test('asks for what only its owner knows, and has a default for the rest', () => {
    const asked = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined)
    expect(asked.map(([name]) => name)).toEqual([
      'AlarmEmail',
      'CloudflareAccountId',
      'KvNamespaceId',
      'ImageTag',
    ])
    for (const { Default, AllowedPattern } of Object.values(template.Parameters)) {
      if (Default !== undefined && AllowedPattern !== undefined)
        expect(Default).toMatch(RegExp(AllowedPattern))
    }
  })

  test('refers only to what it holds', () => {
    const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters)])
    const referred = [...JSON.stringify(template).matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([^"]+)"/g)].map(
      ([, name]) => name,
    )
    expect(referred.length).toBeGreaterThan(50)
    expect(referred.filter((name) => !name.startsWith('AWS::') && !known.has(name))).toEqual([])
  })

  test('starts a night by a cron expression of six fields, once a day', () => {
    const fields = /^cron\((.+)\)$/.exec(template.Parameters.Cron?.Default ?? '')?.[1]?.split(' ') ?? []
    const [minute, hour, day, month, weekday, year] = fields
    expect(fields).toHaveLength(6)
    expect(Number(minute)).toBeLessThan(60)
    expect(Number(hour)).toBeLessThan(24)
    // One of day and weekday must be `?`.
    expect([day, month, weekday, year]).toEqual(['*', '*', '?', '*'])
  })

  test('gives the scheduled time to the job, in the words of the API', () => {
    const [schedule] = resourcesOf(template, 'AWS::Scheduler::Schedule')
    const target = schedule.Properties.Target as { Arn: unknown; Input: unknown }
    expect(plain(target.Arn)).toBe('arn:<AWS::Partition>:scheduler:::aws-sdk:batch:submitJob')
    const input = JSON.parse(plain(target.Input).replaceAll(/<(\w+?)[0-9A-F]{8}>/g, '<$1>'))
    expect(input).toEqual({
      JobName: 'nightly',
      JobQueue: '<ComputeQueue>',
      JobDefinition: '<JobDefinition>',
      Parameters: { at: '<aws.scheduler.scheduled-time>' },
    })
  })

  test('runs the night with every place as a URI, and the time as a parameter of the job', () => {
    const [definition] = resourcesOf(template, 'AWS::Batch::JobDefinition')
    const { Command } = definition.Properties.ContainerProperties as { Command: unknown[] }
    expect(
      Command.map((word) => plain(word).replace(/[0-9A-F]{8}/, ''))
        .join(' ')
        .split(/ (?=--)/),
    ).toEqual([
      'nightly',
      '--dataset s3://<StorageData>/shop',
      '--import s3://<StorageData>/incoming',
      '--runs s3://<StorageRuns>/nights',
      '--to cloudflare:<KvNamespaceId>',
      '--at Ref::at',
      '--model jca',
      '--require-gpu',
    ])
  })
})
