import { describe, expect, it } from 'vitest';
import { ISOLATED_ENDPOINTS } from '../../lib/contracts/stage.ts';
import { ofType, type Resource, synthesise, theOne } from './synth.ts';

const services = (resources: Resource[], type: string) =>
  ofType(resources, 'AWS::EC2::VPCEndpoint')
    .filter(({ properties }) => properties.VpcEndpointType === type)
    .map(({ properties: { ServiceName: name } }) => (typeof name === 'string' ? name : name['Fn::Join'][1].at(-1)))
    // `com.amazonaws.<region>.ecr.api`, of which the region is a reference or a word.
    .map((name: string) => name.replace(/^(com\.amazonaws\.[a-z0-9-]+)?\./, ''))
    .sort();

describe('the network of a stage that pays nothing while idle', () => {
  const resources = synthesise();

  it('has public subnets in two zones and no NAT', () => {
    const subnets = ofType(resources, 'AWS::EC2::Subnet').map(({ properties }) => properties);
    const zones = new Set(subnets.map((subnet) => JSON.stringify(subnet.AvailabilityZone)));
    expect(zones.size).toBeGreaterThanOrEqual(2);
    expect(subnets.every((subnet) => subnet.MapPublicIpOnLaunch)).toBe(true);
    expect(ofType(resources, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(resources, 'AWS::EC2::EIP')).toEqual([]);
  });

  it('lets nothing in and only TLS out', () => {
    expect(ofType(resources, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
    expect(ofType(resources, 'AWS::EC2::SecurityGroupEgress')).toEqual([]);
    const { properties } = theOne(resources, 'AWS::EC2::SecurityGroup');
    expect(properties.SecurityGroupIngress).toBeUndefined();
    expect(properties.SecurityGroupEgress).toMatchObject([{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }]);
    expect(properties.SecurityGroupEgress).toHaveLength(1);
  });

  it('reaches S3 and DynamoDB by gateways, which are free, and nothing by paid endpoints', () => {
    expect(services(resources, 'Gateway')).toEqual(['dynamodb', 's3']);
    expect(services(resources, 'Interface')).toEqual([]);
  });
});

describe('the network of an isolated stage', () => {
  const resources = synthesise({ isolated: true });

  it('has no way to the internet', () => {
    for (const type of ['InternetGateway', 'NatGateway', 'EIP', 'Route']) {
      expect(ofType(resources, `AWS::EC2::${type}`)).toEqual([]);
    }
    const subnets = ofType(resources, 'AWS::EC2::Subnet').map(({ properties }) => properties);
    expect(subnets.length).toBeGreaterThanOrEqual(2);
    expect(subnets.some((subnet) => subnet.MapPublicIpOnLaunch)).toBe(false);
  });

  it('has an endpoint for all that ECS, ECR, logs and KMS need, in every subnet', () => {
    expect(services(resources, 'Gateway')).toEqual(['dynamodb', 's3']);
    expect(services(resources, 'Interface')).toEqual(
      ['ecr.api', 'ecr.dkr', 'ecs', 'ecs-agent', 'ecs-telemetry', 'kms', 'logs'].sort(),
    );
    const doors = ofType(resources, 'AWS::EC2::VPCEndpoint').filter((each) => each.properties.SubnetIds);
    // What the preflight says they cost is counted by these two numbers.
    expect(doors).toHaveLength(ISOLATED_ENDPOINTS.services);
    expect(
      doors.every(
        ({ properties }) => properties.SubnetIds.length === ISOLATED_ENDPOINTS.zones && properties.PrivateDnsEnabled,
      ),
    ).toBe(true);
  });

  it('opens those endpoints to GPU hosts alone, and the hosts to nobody', () => {
    const rules = ofType(resources, 'AWS::EC2::SecurityGroupIngress').map(({ properties }) => properties);
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
    expect(rules[0].SourceSecurityGroupId['Fn::GetAtt'][0]).toMatch(/^NetworkHostGroup/);
    expect(rules[0].GroupId['Fn::GetAtt'][0]).toMatch(/^NetworkEndpointGroup/);
    const groups = ofType(resources, 'AWS::EC2::SecurityGroup').map(({ properties }) => properties);
    expect(groups.flatMap((group) => group.SecurityGroupIngress ?? [])).toEqual([]);
  });
});
