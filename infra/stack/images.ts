import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Repository, RepositoryEncryption, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr'
import { Construct } from 'constructs'

/** The job's images. A tag keeps its image for ever, so that a job definition says exactly what runs. */
export class Images extends Construct {
  readonly repository: Repository

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.repository = new Repository(this, 'Repository', {
      repositoryName: 'nightjar',
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      encryption: RepositoryEncryption.AES_256,
      // An image can be built again from its commit.
      removalPolicy: RemovalPolicy.DESTROY,
      emptyOnDelete: true,
      lifecycleRules: [
        { rulePriority: 1, tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(7) },
        { rulePriority: 2, tagStatus: TagStatus.ANY, maxImageCount: 20 },
      ],
    })
  }
}
