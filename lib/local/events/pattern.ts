import { LocalCloudError } from '../errors.ts';
import { asList, isObject, type JsonObject } from '../json.ts';

/**
 * Whether `event` matches an EventBridge event pattern; queue mappings' filters speak the same language.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: JsonObject, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or') return asList(wanted).some((branch) => isObject(branch) && matchesPattern(branch, event));
    const value = isObject(event) ? event[field] : undefined;
    if (isObject(wanted)) {
      // A field inside a list matches when it does in any of the list's objects.
      return Array.isArray(value) ? value.some((item) => matchesPattern(wanted, item)) : matchesPattern(wanted, value);
    }
    return asList(wanted).some((condition) => meets(condition, value));
  });
}

/** Refuse a pattern that uses an operator we do not know: it would match nothing, or everything, without a word. */
export function checkPattern(pattern: JsonObject): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    for (const part of field === '$or' ? asList(wanted) : isObject(wanted) ? [wanted] : []) {
      if (isObject(part)) checkPattern(part);
    }
    if (field !== '$or') asList(wanted).forEach(checkCondition);
  }
}

function checkCondition(condition: unknown): void {
  if (!isObject(condition)) return;
  const [[operator, operand] = ['', undefined]] = Object.entries(condition);
  if (operator !== 'exists' && !(operator in OPERATORS)) {
    throw new LocalCloudError('wiring-unsupported', `the pattern operator ${operator} is not one that can be matched`);
  }
  if (operator === 'anything-but') checkCondition(operand);
}

function meets(condition: unknown, value: unknown): boolean {
  if (isObject(condition) && 'exists' in condition) return (value !== undefined) === condition.exists;
  if (Array.isArray(value)) return value.some((item) => meetsOne(condition, item));
  return value !== undefined && meetsOne(condition, value);
}

function meetsOne(condition: unknown, value: unknown): boolean {
  if (!isObject(condition)) return condition === value;
  const [[operator, operand] = ['', undefined]] = Object.entries(condition);
  return OPERATORS[operator]?.(operand, value) === true;
}

const OPERATORS: Record<string, (operand: unknown, value: unknown) => boolean> = {
  prefix: (operand, value) => text(operand, value, (wanted, given) => given.startsWith(wanted)),
  suffix: (operand, value) => text(operand, value, (wanted, given) => given.endsWith(wanted)),
  'equals-ignore-case': (operand, value) =>
    text(operand, value, (wanted, given) => given.toLowerCase() === wanted.toLowerCase()),
  wildcard: (operand, value) => text(operand, value, (wanted, given) => wildcard(wanted).test(given)),
  numeric: (operand, value) => typeof value === 'number' && inRange(asList(operand), value),
  cidr: (operand, value) => typeof operand === 'string' && typeof value === 'string' && inNetwork(operand, value),
  'anything-but': (operand, value) => {
    if (isObject(operand)) return !meetsOne(operand, value);
    return Array.isArray(operand) ? !operand.includes(value) : operand !== value;
  },
};

/** Compare text; the operand may be a list of choices, or say `{"equals-ignore-case": …}` inside a prefix or suffix. */
function text(operand: unknown, value: unknown, test: (wanted: string, given: string) => boolean): boolean {
  if (typeof value !== 'string') return false;
  if (Array.isArray(operand)) return operand.some((choice) => text(choice, value, test));
  if (isObject(operand)) {
    const wanted = operand['equals-ignore-case'];
    return typeof wanted === 'string' && test(wanted.toLowerCase(), value.toLowerCase());
  }
  return typeof operand === 'string' && test(operand, value);
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([\\*])|\*|[.+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

/** `["<", 10]` or `[">", 0, "<=", 5]`. */
function inRange(bounds: unknown[], value: number): boolean {
  const compare: Record<string, (bound: number) => boolean> = {
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
    '=': (bound) => value === bound,
    '>=': (bound) => value >= bound,
    '>': (bound) => value > bound,
  };
  for (let index = 0; index < bounds.length; index += 2) {
    if (compare[String(bounds[index])]?.(Number(bounds[index + 1])) !== true) return false;
  }
  return bounds.length > 0;
}

/** IPv4 only, which is all that S3's `source-ip-address` carries here. */
function inNetwork(network: string, address: string): boolean {
  const [base = '', length = '32'] = network.split('/');
  const mask = Number(length) === 0 ? 0 : (~0 << (32 - Number(length))) >>> 0;
  const number = (ip: string) => ip.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0);
  return (number(base) & mask) >>> 0 === (number(address) & mask) >>> 0;
}
