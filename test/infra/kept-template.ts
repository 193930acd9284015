import { readFile } from 'node:fs/promises'

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
  DeletionPolicy?: string
}

export interface CloudTemplate {
  Parameters: Record<string, { Type: string; Default?: string; AllowedPattern?: string }>
  Resources: Record<string, Resource>
  Outputs: Record<string, { Value: unknown }>
  Rules?: unknown
}

export const templatePath = 'infra/template/nightjar.template.json'

/** The template as it is kept for who deploys without CDK. It needs no package of CDK to be read. */
export async function keptTemplate(): Promise<CloudTemplate> {
  return JSON.parse(await readFile(templatePath, 'utf8'))
}

export function resourcesOf({ Resources }: CloudTemplate, type: string): Resource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type)
}

/** CloudFormation's functions as text: `s3://<StorageData.Ref>/shop`. */
export function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const [[name, argument]] = Object.entries(value)
  if (name === 'Ref') return `<${argument}>`
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`
  if (name === 'Fn::Join') {
    const [by, parts] = argument as [string, unknown[]]
    return parts.map(plain).join(by)
  }
  return JSON.stringify(value)
}
