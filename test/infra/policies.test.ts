import { beforeAll, describe, expect, test } from 'vitest'
import { type CloudTemplate, keptTemplate, plain, resourcesOf } from './kept-template.ts'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}

const many = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value])

/** Every permission that the stack gives, as `role action resource`. */
function permissions(template: CloudTemplate): { role: string; action: string; resource: string }[] {
  return resourcesOf(template, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
    const { Roles, PolicyDocument } = Properties as {
      Roles: unknown[]
      PolicyDocument: { Statement: Statement[] }
    }
    const role = Roles.map(plain)
      .join()
      .replace(/[0-9A-F]{8}/, '')
    return PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
      many(Action).flatMap((action) =>
        many(Resource).map((resource) => ({
          role,
          action,
          resource: plain(resource).replace(/[0-9A-F]{8}/, ''),
        })),
      ),
    )
  })
}

describe('what the roles of the template may do', () => {
  let template: CloudTemplate
  let all: ReturnType<typeof permissions>

  beforeAll(async () => {
    template = await keptTemplate()
    all = permissions(template)
  })

  const of = (role: string) =>
    all
      .filter((permission) => permission.role === role)
      .map(({ action, resource }) => `${action} ${resource}`)

  test('is named action by action, and on all resources only where the service takes no other', () => {
    expect(all.length).toBeGreaterThan(10)
    expect(all.filter(({ action }) => action.includes('*'))).toEqual([])
    expect(all.filter(({ resource }) => resource === '*').map(({ action }) => action)).toEqual([
      'ecr:GetAuthorizationToken',
    ])
  })

  test('has a wildcard only under a prefix or after the name of the one job definition', () => {
    const wild = new Set(all.map(({ resource }) => resource).filter((resource) => /.\*|\*./.test(resource)))
    expect([...wild].sort()).toEqual([
      '<StorageData.Arn>/incoming/*',
      '<StorageData.Arn>/shop/*',
      '<StorageRuns.Arn>/nights/*',
      'arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job-definition/nightjar:*',
    ])
  })

  test('is, for the job, its files in its two buckets', () => {
    expect(of('<JobRole>').sort()).toEqual(
      [
        's3:ListBucket <StorageData.Arn>',
        's3:ListBucket <StorageRuns.Arn>',
        's3:GetObject <StorageData.Arn>/incoming/*',
        ...['<StorageData.Arn>/shop/*', '<StorageRuns.Arn>/nights/*'].flatMap((files) =>
          ['Get', 'Put', 'Delete'].map((verb) => `s3:${verb}Object ${files}`),
        ),
        's3:AbortMultipartUpload <StorageData.Arn>/shop/*',
        's3:AbortMultipartUpload <StorageRuns.Arn>/nights/*',
      ].sort(),
    )
  })

  test('is, around the job, the image, the token and the log', () => {
    expect(of('<JobExecutionRole>').sort()).toEqual([
      'ecr:BatchCheckLayerAvailability <ImagesRepository.Arn>',
      'ecr:BatchGetImage <ImagesRepository.Arn>',
      'ecr:GetAuthorizationToken *',
      'ecr:GetDownloadUrlForLayer <ImagesRepository.Arn>',
      'logs:CreateLogStream <JobLog.Arn>',
      'logs:PutLogEvents <JobLog.Arn>',
      'secretsmanager:GetSecretValue <SecretsCloudflareToken>',
    ])
  })

  test('is, for the scheduler, to submit this job to this queue, and for its own group alone', () => {
    expect(of('<ScheduleRole>').filter((line) => !line.includes('job-definition'))).toEqual([
      'batch:SubmitJob <ComputeQueue>',
      'sqs:SendMessage <ScheduleDeadLetters.Arn>',
    ])
    const trusted = resourcesOf(template, 'AWS::IAM::Role')
      .map(({ Properties }) => JSON.stringify(Properties.AssumeRolePolicyDocument))
      .filter((trust) => trust.includes('scheduler.amazonaws.com'))
    expect(trusted).toHaveLength(1)
    expect(trusted[0]).toMatch(/"aws:SourceArn":\{"Fn::GetAtt":\["ScheduleGroup/)
  })

  test("is given by AWS's own policies only to the machines' agent", () => {
    const managed = resourcesOf(template, 'AWS::IAM::Role')
      .flatMap(({ Properties }) => (Properties.ManagedPolicyArns ?? []) as unknown[])
      .map(plain)
    expect(managed).toEqual([
      'arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
    ])
  })
})
