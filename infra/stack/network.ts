import { Fn, RemovalPolicy } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

/** More zones are more pools of Spot GPUs. Most regions have three. */
const zones = [0, 1, 2]

/**
 * A network with a way out and none in.
 *
 * The job must reach Cloudflare, so no set of private endpoints would do, and a NAT gateway costs more in a month than
 * the nights do. So the machines stand in public subnets with a security group that lets nothing in and HTTPS out, and
 * S3 is reached by a gateway endpoint, which costs nothing.
 */
export class Network extends Construct {
  readonly subnetIds: string[]
  readonly securityGroup: SecurityGroup

  constructor(scope: Construct, id: string) {
    super(scope, id)
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.71.0.0/20'),
      availabilityZones: zones.map((index) => Fn.select(index, Fn.getAzs())),
      natGateways: 0,
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      // Emptying the default group takes a Lambda function; nothing of ours is in it.
      restrictDefaultSecurityGroup: false,
    })
    const logGroup = new LogGroup(this, 'FlowLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    vpc.addFlowLog('Flows', { destination: FlowLogDestination.toCloudWatchLogs(logGroup) })
    this.subnetIds = vpc.publicSubnets.map(({ subnetId }) => subnetId)
    this.securityGroup = new SecurityGroup(this, 'Machines', {
      vpc,
      description: 'nightjar: nothing in, HTTPS out',
      allowAllOutbound: false,
    })
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3, ECR, logs, Cloudflare')
  }
}
