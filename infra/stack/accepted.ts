import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Findings of cdk-nag that are meant to be so, each with its reason, beside the resource that has them. */
export function accept(construct: IConstruct, reason: string, ...findings: string[]): void {
  for (const id of findings) Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason })
}
