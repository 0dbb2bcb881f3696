import { LocalCloudError } from '../errors.ts';
import { asList, asObject, isObject, type JsonObject } from '../json.ts';

/** Where a template's names lead while one stack is being created. */
export interface Scope {
  stackName: string;
  account: string;
  region: string;
  /** What `Ref` gives, for a parameter or a resource. */
  ref(name: string): unknown;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, attribute: string): string;
  /** The value that an earlier stack exported under this name. */
  imported(name: string): unknown;
  /** Whether a condition of this template holds. */
  condition(name: string): boolean;
  /** `Mappings` of this template. */
  mappings: JsonObject;
}

/** What stands for `AWS::NoValue` until the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Record<string, Intrinsic> = {
  Ref: (name, scope) => resolveRef(String(name), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId = '', ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return scope.attribute(logicalId, rest.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = asList(argument);
    return asList(resolve(parts, scope)).join(String(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = asList(argument);
    return String(resolve(text, scope)).split(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, values] = asList(argument);
    const list = asList(resolve(values, scope));
    const position = Number(resolve(index, scope));
    if (!(position in list)) throw invalid(`Fn::Select ${position} of a list of ${list.length}`);
    return list[position];
  },
  'Fn::Sub': substitute,
  'Fn::If': (argument, scope) => {
    const [name, yes, no] = asList(argument);
    return resolveValue(scope.condition(String(name)) ? yes : no, scope);
  },
  'Fn::ImportValue': (argument, scope) => scope.imported(String(resolve(argument, scope))),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = asList(argument).map((part) => String(resolve(part, scope)));
    const row = asObject(asObject(scope.mappings[map ?? ''])[first ?? '']);
    if (!((second ?? '') in row)) throw invalid(`Fn::FindInMap has no ${map}.${first}.${second}`);
    return row[second ?? ''];
  },
  'Fn::GetAZs': (_argument, scope) => ['a', 'b', 'c'].map((zone) => `${scope.region}${zone}`),
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
};

/** Return `value` with every intrinsic function replaced by what it stands for. */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveValue(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

function resolveValue(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolveValue(item, scope)).filter((item) => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const [key = '', ...more] = Object.keys(value);
  if (more.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[key];
    if (intrinsic === undefined) throw invalid(`${key} is not known to the local cloud`);
    return intrinsic(value[key], scope);
  }
  const resolved: JsonObject = {};
  for (const [name, item] of Object.entries(value)) {
    const inner = resolveValue(item, scope);
    if (inner !== NO_VALUE) resolved[name] = inner;
  }
  return resolved;
}

function resolveRef(name: string, scope: Scope): unknown {
  switch (name) {
    case 'AWS::NoValue':
      return NO_VALUE;
    case 'AWS::AccountId':
      return scope.account;
    case 'AWS::Region':
      return scope.region;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${scope.region}:${scope.account}:stack/${scope.stackName}/local`;
    case 'AWS::NotificationARNs':
      return [];
    default:
      return scope.ref(name);
  }
}

/** `Fn::Sub`: `${Name}`, `${Resource.Attribute}`, names of its own table, and `${!literal}`. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, table] = Array.isArray(argument) ? argument : [argument, {}];
  const own = asObject(table);
  return String(text).replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in own) return String(resolve(own[name], scope));
    if (name.startsWith('AWS::') || !name.includes('.')) return String(resolveRef(name, scope));
    const [logicalId = '', ...rest] = name.split('.');
    return scope.attribute(logicalId, rest.join('.'));
  });
}

function invalid(message: string): LocalCloudError {
  return new LocalCloudError('template-invalid', message);
}
