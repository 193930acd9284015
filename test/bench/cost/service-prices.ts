/** What a service asks for one unit of something. Machines are in job/cloud/batch/prices.ts, which `nightjar status` reads too. */
export interface ServicePrice {
  dollars: number
  unit: string
  /** The page that the figure was read in, and the date that page gives. */
  readIn: string
}

/** When the pages below were read; the region is us-east-1. GB are 10^9 bytes. */
export const servicesRead = '2026-11-26'

/**
 * List prices. AWS's own pages fill in their figures by a script, so most were read in pages of others. AWS's free
 * allowances are left out, for an account may have spent them elsewhere: what is reckoned is the most.
 */
export const aws = {
  diskGbMonth: {
    dollars: 0.08,
    unit: 'GB-month of gp3',
    readIn: 'c3x.dev/blog/gp2-to-gp3-migration-aws-ebs',
  },
  addressHour: {
    dollars: 0.005,
    unit: 'hour of a public IPv4 address',
    readIn: 'doit.com/aws-public-ipv4-price-increase-the-complete-guide',
  },
  s3GbMonth: {
    dollars: 0.023,
    unit: 'GB-month of S3 Standard',
    readIn: 'devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples',
  },
  s3Put: { dollars: 0.005 / 1000, unit: 'PUT or LIST', readIn: 'devnotes.tech, the same page' },
  s3Get: { dollars: 0.0004 / 1000, unit: 'GET', readIn: 'devnotes.tech, the same page' },
  outGb: {
    dollars: 0.09,
    unit: 'GB to the internet',
    readIn: 'cloudburn.io/blog/amazon-ecr-pricing, March 2026',
  },
  logsGb: {
    dollars: 0.5,
    unit: 'GB of logs taken in',
    readIn: 'c3x.dev/blog/cloudwatch-logs-cost-optimization, June 2026',
  },
  logsGbMonth: { dollars: 0.03, unit: 'GB-month of logs', readIn: 'c3x.dev, the same page' },
  metricMonth: {
    dollars: 0.3,
    unit: 'month of a metric',
    readIn: 'signoz.io/guides/cloudwatch-pricing, February 2026',
  },
  alarmMonth: {
    dollars: 0.1,
    unit: 'month of an alarm',
    readIn: 'c3x.dev/resources/aws/aws_cloudwatch_metric_alarm',
  },
  schedulerCall: {
    dollars: 1 / 1e6,
    unit: 'start by EventBridge Scheduler',
    readIn: 'cloudburn.io/blog/amazon-eventbridge-pricing, March 2026',
  },
  secretMonth: {
    dollars: 0.4,
    unit: 'month of a secret',
    readIn: 'hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms',
  },
  secretCall: { dollars: 0.05 / 10_000, unit: 'reading of a secret', readIn: 'hivebook.wiki, the same page' },
  imageGbMonth: {
    dollars: 0.1,
    unit: 'GB-month of images in ECR',
    readIn: 'cloudburn.io/blog/amazon-ecr-pricing, March 2026',
  },
} satisfies Record<string, ServicePrice>

/** A service of Cloudflare: what a month of the paid plan includes, and what a million (or a GB) beyond it costs. */
export interface PlanPrice {
  included: number
  dollars: number
  /** How many units that is for. */
  per: number
  unit: string
}

/** The paid plan's price a month. Pages: developers.cloudflare.com/workers/platform/pricing and /kv/platform/pricing. */
export const paidPlanMonth = 5

export const cloudflare = {
  requests: { included: 10e6, dollars: 0.3, per: 1e6, unit: 'requests' },
  cpuMs: { included: 30e6, dollars: 0.02, per: 1e6, unit: 'CPU ms' },
  kvReads: { included: 10e6, dollars: 0.5, per: 1e6, unit: 'KV reads' },
  kvWrites: { included: 1e6, dollars: 5, per: 1e6, unit: 'KV writes' },
  kvDeletes: { included: 1e6, dollars: 5, per: 1e6, unit: 'KV deletes' },
  kvGb: { included: 1, dollars: 0.5, per: 1, unit: 'GB in KV' },
} satisfies Record<string, PlanPrice>

/** What a day of the free plan allows. */
export const freePlanDay = { requests: 100_000, kvReads: 100_000, kvWrites: 1000, kvGb: 1 }
