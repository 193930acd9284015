/** Why a job is where it is, as this program tells reasons apart. */
type ReasonKind =
  | 'timeout'
  | 'stuck'
  | 'spot'
  | 'memory'
  | 'image'
  | 'start'
  | 'dependency'
  | 'children'
  | 'stopped'
  | 'refused'
  | 'exit'
  | 'other'

export interface Reason {
  kind: ReasonKind
  /** In plain words, with what Batch said where that says more. */
  text: string
  /** What to do. */
  fix?: string
}

/** What Batch says of a job or of one of its attempts. */
export interface Said {
  statusReason?: string | undefined
  containerReason?: string | undefined
  exitCode?: number | undefined
  isStopped?: boolean
}

interface Rule extends Reason {
  pattern: RegExp
}

/** By what Batch writes while a job waits for a machine. The first word up to " - " is its stable part. */
const waiting: Rule[] = [
  {
    pattern: /CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY/,
    kind: 'stuck',
    text: 'EC2 has no machine of the wanted types free at the moment',
    fix: 'wait, or allow more types and zones in the compute environments',
  },
  {
    pattern: /MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE/,
    kind: 'stuck',
    text: "the job needs more vCPUs than the compute environments' maximum",
    fix: 'raise maxvCpus of the compute environments, or submit with fewer --vcpus',
  },
  {
    pattern: /MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT/,
    kind: 'stuck',
    text: 'no machine type of the queue has so many GPUs, so many vCPUs or so much memory',
    fix: 'submit with less --gpu, --vcpus or --memory, or allow larger types; a machine keeps some memory to itself',
  },
  {
    pattern: /MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS/,
    kind: 'stuck',
    text: "Batch's service role may not do what starting a machine takes",
    fix: 'give the compute environments the service-linked role, or AWSBatchServiceRole',
  },
  {
    pattern: /MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED/,
    kind: 'stuck',
    text: 'EC2 refuses the combination of machine type, image and settings in every compute environment',
    fix: 'check the types and the launch template of the compute environments',
  },
  {
    pattern: /^ACTION_REQUIRED/,
    kind: 'stuck',
    text: 'Batch waits for somebody to mend the compute environment',
    fix: 'look at the compute environment in the console: its status says what',
  },
  {
    pattern: /^UNDETERMINED/,
    kind: 'stuck',
    text: 'the queue is blocked, and Batch cannot tell why',
    fix: 'check the compute environments: state, subnets, the way to ECS, the instance profile',
  },
]

/** By what Batch or ECS writes when an attempt has ended. Earlier rules win. */
const ended: Rule[] = [
  {
    pattern: /Job attempt duration exceeded timeout/i,
    kind: 'timeout',
    text: 'the attempt ran longer than its time limit and was ended',
    fix: 'submit with a longer --timeout, or find out why it takes so long: nightjar logs',
  },
  {
    pattern: /^Host EC2/,
    kind: 'spot',
    text: 'the machine was taken away: Spot reclaimed it, or it failed',
    fix: 'nothing where the job is tried again; else submit it once more, it goes on from its checkpoint',
  },
  {
    pattern: /OutOfMemoryError/,
    kind: 'memory',
    text: 'the container needed more memory than the job has, and was killed',
    fix: 'submit with more --memory, or on a larger machine',
  },
  {
    pattern: /CannotPullContainerError|CannotPullImageManifestError|PullImageFailure/,
    kind: 'image',
    text: 'the container image could not be fetched',
    fix: "check that the image's tag is pushed, and that the execution role may pull it",
  },
  {
    pattern: /ResourceInitializationError/,
    kind: 'start',
    text: 'what the container needs could not be got ready: a secret, a log group, a volume',
    fix: 'check the secrets, and what the execution role may read',
  },
  {
    pattern:
      /CannotStartContainerError|CannotCreateContainerError|CannotInspectContainerError|DockerTimeoutError/,
    kind: 'start',
    text: 'the container could not be started on its machine',
    fix: 'check the command and the image; submit once more where the machine is to blame',
  },
  {
    pattern: /Dependent Job failed/i,
    kind: 'dependency',
    text: 'a job that it waits for has failed, so it never ran',
    fix: 'mend and submit that one again, then this one',
  },
  {
    pattern: /Array Child Job failed/i,
    kind: 'children',
    text: 'one child or more of the array have failed',
    fix: 'look at a failed child: nightjar status ID:INDEX',
  },
]

/** Why a job waits, or undefined where Batch says nothing of it. */
export function whyWaiting(statusReason: string | undefined): Reason | undefined {
  if (!statusReason) return undefined
  return match(waiting, statusReason) ?? { kind: 'other', text: statusReason }
}

/** Why a job or an attempt ended, or undefined where it ended well. */
export function whyEnded({
  statusReason = '',
  containerReason = '',
  exitCode,
  isStopped,
}: Said): Reason | undefined {
  const limited = /Cancell?ed by JobStateTimeLimit action due to reason: (\S+)/i.exec(statusReason)
  if (limited !== null) {
    const reason = match(waiting, limited[1])
    const text = `the queue cancelled it after too long in RUNNABLE: ${reason?.text ?? limited[1]}`
    return { kind: 'stuck', text, ...(reason?.fix === undefined ? {} : { fix: reason.fix }) }
  }
  const found = match(ended, statusReason) ?? match(ended, containerReason)
  // The kind of stop that a person asked for writes the person's own reason, which may sound like anything.
  if (isStopped && found?.kind !== 'timeout')
    return { kind: 'stopped', text: `it was stopped on request: ${statusReason || 'no reason given'}` }
  if (found !== undefined) {
    const said = containerReason || statusReason
    return { ...found, text: found.kind === 'image' ? `${found.text} (${said.slice(0, 160)})` : found.text }
  }
  if (exitCode === 3)
    return {
      kind: 'refused',
      text: 'the gate refused the new model (exit code 3); the live version stays',
      fix: 'the reasons are in the log: nightjar logs',
    }
  if (exitCode === 137)
    return {
      kind: 'exit',
      text: 'the container was killed (exit code 137)',
      fix: 'where nobody stopped it, it often was memory: submit with more --memory',
    }
  if (exitCode !== undefined && exitCode !== 0)
    return { kind: 'exit', text: `the command ended with exit code ${exitCode}`, fix: 'nightjar logs' }
  const text = [statusReason, containerReason].filter((part) => part !== '').join('; ')
  return text === '' ? undefined : { kind: 'other', text }
}

function match(rules: Rule[], text: string): Reason | undefined {
  const rule = rules.find(({ pattern }) => pattern.test(text))
  if (rule === undefined) return undefined
  const { pattern: _, ...reason } = rule
  return reason
}
