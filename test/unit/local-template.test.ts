import { describe, expect, test } from 'vitest';
import { conditionsOf } from '../../lib/local/template/conditions.ts';
import { creationOrder } from '../../lib/local/template/order.ts';
import { resolve, type Scope } from '../../lib/local/template/resolve.ts';

const scope: Scope = {
  stackName: 'Orchard',
  account: '123456789012',
  region: 'eu-west-1',
  ref: (name) => (name === 'Many' ? ['a', 'b', 'c'] : `ref(${name})`),
  attribute: (logicalId, attribute) => `${logicalId}!${attribute}`,
  imported: (name) => `imported(${name})`,
  condition: (name) => name === 'Yes',
  mappings: { Climate: { 'eu-west-1': { rain: 'much' } } },
};

describe('intrinsic functions', () => {
  test.each([
    [{ Ref: 'Tree' }, 'ref(Tree)'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'AWS::AccountId' }, '123456789012'],
    [{ 'Fn::GetAtt': ['Tree', 'Arn'] }, 'Tree!Arn'],
    [{ 'Fn::GetAtt': 'Tree.Root.Depth' }, 'Tree!Root.Depth'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Tree' }]] }, 'a-ref(Tree)'],
    [{ 'Fn::Join': ['', { Ref: 'Many' }] }, 'abc'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::Sub': 'arn:${AWS::Partition}:${Tree.Arn}:${Tree}:${!kept}' }, 'arn:aws:Tree!Arn:ref(Tree):${kept}'],
    [{ 'Fn::Sub': ['${own}/${Tree}', { own: { Ref: 'Leaf' } }] }, 'ref(Leaf)/ref(Tree)'],
    [{ 'Fn::If': ['Yes', { Ref: 'Tree' }, 'no'] }, 'ref(Tree)'],
    [{ 'Fn::If': ['No', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
    [{ 'Fn::ImportValue': { 'Fn::Sub': 'Cellar:${AWS::StackName}' } }, 'imported(Cellar:Orchard)'],
    [{ 'Fn::FindInMap': ['Climate', { Ref: 'AWS::Region' }, 'rain'] }, 'much'],
  ])('%j is %j', (value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test('a property without a value is left out, in objects and in lists', () => {
    const nothing = { Ref: 'AWS::NoValue' };
    expect(
      resolve({ kept: 1, gone: nothing, list: ['a', nothing, { 'Fn::If': ['No', 'b', nothing] }] }, scope),
    ).toEqual({
      kept: 1,
      list: ['a'],
    });
  });

  test('a function that is not known is an error, not a value', () => {
    expect(() => resolve({ 'Fn::Transform': {} }, scope)).toThrow(/Fn::Transform/);
  });
});

test('conditions nest', () => {
  const holds = conditionsOf(
    {
      Ripe: { 'Fn::Equals': ['a', 'a'] },
      Rotten: { 'Fn::Not': [{ Condition: 'Ripe' }] },
      Either: { 'Fn::Or': [{ Condition: 'Rotten' }, { 'Fn::And': [{ Condition: 'Ripe' }, { Condition: 'Ripe' }] }] },
    },
    (operand) => operand,
  );
  expect(['Ripe', 'Rotten', 'Either'].map(holds)).toEqual([true, false, true]);
});

describe('the order of creation', () => {
  test('follows Ref, GetAtt, Sub and DependsOn', () => {
    const order = creationOrder({
      Rule: { Properties: { to: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
      Queue: { Properties: { dead: { 'Fn::Sub': 'x/${Dead.Arn}' } }, DependsOn: 'Key' },
      Dead: { DependsOn: ['Key'] },
      Key: {},
    });
    expect(order).toEqual(['Key', 'Dead', 'Queue', 'Rule']);
  });

  test('a circle is an error that shows it', () => {
    const circle = { A: { Properties: { b: { Ref: 'B' } } }, B: { DependsOn: 'A' } };
    expect(() => creationOrder(circle)).toThrow(/A -> B -> A/);
  });
});
