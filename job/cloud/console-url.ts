/** The partition of a region: its part in every ARN, and the host of its console. */
function partitionOf(region: string): { name: string; console: string } {
  if (region.startsWith('cn-')) return { name: 'aws-cn', console: 'console.amazonaws.cn' }
  if (region.startsWith('us-gov-')) return { name: 'aws-us-gov', console: 'console.amazonaws-us-gov.com' }
  return { name: 'aws', console: 'console.aws.amazon.com' }
}

/** Where the console shows a job. */
export function jobUrl(region: string, jobId: string): string {
  const { console } = partitionOf(region)
  return `https://${region}.${console}/batch/home?region=${region}#jobs/detail/${jobId}`
}

/** The target of EventBridge Scheduler that submits a job, in a region's partition. */
export function submitTargetArn(region: string): string {
  return `arn:${partitionOf(region).name}:scheduler:::aws-sdk:batch:submitJob`
}
