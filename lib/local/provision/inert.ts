import { physicalName } from '../names.ts';
import { arnOf, type Provisioned, type Resource, type Site } from './provisioner.ts';

/**
 * Types that change nothing on one machine: who may do what, the network, and how things are watched or kept.
 * What they are for in AWS is asserted on the template by test/infra. A type is added here by hand, after asking
 * whether leaving it out would drop wiring.
 */
export const INERT_TYPES: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  // Rights.
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::ServiceLinkedRole',
  'AWS::Events::EventBusPolicy',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Permission',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  // Network and machines.
  'AWS::EC2::EIP',
  'AWS::EC2::FlowLog',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::LaunchTemplate',
  'AWS::EC2::NatGateway',
  'AWS::EC2::NetworkAcl',
  'AWS::EC2::NetworkAclEntry',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ECR::Repository',
  // Watching and keeping.
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::Logs::LogGroup',
  'AWS::Logs::LogStream',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::ResourceGroups::Group',
  'AWS::SNS::Topic', // Only alarms speak to it here; a subscription is in no list, so it stops `up`.
]);

const LONGEST_NAME = 64;

/** The properties by which some inert types can be given a name. */
const NAME_PROPERTIES = ['LogGroupName', 'RoleName', 'RepositoryName', 'TopicName', 'Name'];

/** Give an inert resource a name and, on request, attributes that look right and lead nowhere. */
export function standIn(resource: Resource, site: Site): Provisioned {
  const given = NAME_PROPERTIES.map((property) => resource.properties[property]).find(
    (value) => typeof value === 'string',
  );
  const name = typeof given === 'string' ? given : physicalName(resource.stackName, resource.logicalId, LONGEST_NAME);
  const service = (resource.type.split('::')[1] ?? 'local').toLowerCase();
  const kind = (resource.type.split('::')[2] ?? 'resource').toLowerCase();
  const arn = arnOf(site, service, `${kind}/${name}`);
  return {
    ref: service === 'sns' ? arn : name,
    attributes: new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, attribute) => (String(attribute).endsWith('Arn') ? arn : `${name}.${String(attribute)}`),
        has: () => true,
      },
    ),
  };
}
