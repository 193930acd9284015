import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { accept } from './accepted.ts'

/** Where things lie in the two buckets. The job's command and its permissions are made of these. */
export const prefixes = { dataset: 'shop', incoming: 'incoming', runs: 'nights' } as const

/**
 * Two buckets, for they live differently: the data is the shop's own and grows; runs are made anew every night.
 * Both outlive the stack.
 */
export class Storage extends Construct {
  readonly data: Bucket
  readonly runs: Bucket

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.data = this.#bucket('Data', [versionsGone(30)])
    this.runs = this.#bucket('Runs', [
      // A run that ends well deletes its checkpoints: what is left of them is versions.
      versionsGone(7),
      // A night that was given up leaves its checkpoints, and no rule can name `nights/*/checkpoints/`: they go with
      // the run. No live version is this old, unless a year of nights was refused.
      { id: 'runs', prefix: `${prefixes.runs}/`, expiration: Duration.days(365) },
    ])
  }

  #bucket(name: string, rules: LifecycleRule[]): Bucket {
    const bucket = new Bucket(this, name, {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) }, ...rules],
    })
    accept(
      bucket,
      'one role reads and writes it, and nobody else; who must know every access turns on data events of CloudTrail',
      'S1',
    )
    return bucket
  }
}

/** A version that was deleted or written over can be had again for so many days. */
function versionsGone(days: number): LifecycleRule {
  return {
    id: 'versions',
    noncurrentVersionExpiration: Duration.days(days),
    expiredObjectDeleteMarker: true,
  }
}
