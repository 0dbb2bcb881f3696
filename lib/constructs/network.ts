import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { ISOLATED_ENDPOINTS } from '../contracts/stage.ts';

export interface NetworkProps {
  /** No way to the internet at all: what a GPU host must reach comes by interface endpoints, billed by hour and zone. */
  readonly isolated: boolean;
}

/** What an ECS host and its container speak to besides S3. */
const HOST_SERVICES = {
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Kms: InterfaceVpcEndpointAwsService.KMS,
};

/** Where GPU hosts live: nobody calls in, they call out over TLS, and nothing costs money while it idles. */
export class Network extends Construct {
  readonly vpc: Vpc;
  readonly subnets: SubnetSelection;
  /** What GPU hosts wear: no inbound rule, outbound 443. */
  readonly hosts: SecurityGroup;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    this.subnets = { subnetType: props.isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PUBLIC };
    this.vpc = new Vpc(this, 'Vpc', {
      // Two zones: spot capacity of one runs dry. More only where a template knows the account.
      maxAzs: ISOLATED_ENDPOINTS.zones,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Hosts', subnetType: this.subnets.subnetType ?? SubnetType.PUBLIC, cidrMask: 20 }],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
      // It would take a custom resource; nothing wears the default group.
      restrictDefaultSecurityGroup: false,
    });
    this.hosts = this.closedGroup('HostGroup', 'GPU hosts: nothing in, TLS out');
    this.hosts.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'TLS to AWS');
    if (props.isolated) this.addEndpoints();
  }

  private addEndpoints(): void {
    const doors = this.closedGroup('EndpointGroup', 'Interface endpoints: TLS in from GPU hosts');
    doors.addIngressRule(this.hosts, Port.HTTPS, 'TLS from GPU hosts');
    for (const [id, service] of Object.entries(HOST_SERVICES)) {
      this.vpc.addInterfaceEndpoint(id, { service, subnets: this.subnets, securityGroups: [doors], open: false });
    }
  }

  private closedGroup(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }
}
