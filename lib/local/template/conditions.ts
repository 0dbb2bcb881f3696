import { LocalCloudError } from '../errors.ts';
import { asList, asObject, isObject, type JsonObject } from '../json.ts';

/** Make the function that answers whether a condition of the template holds; `value` resolves its operands. */
export function conditionsOf(conditions: JsonObject, value: (operand: unknown) => unknown): (name: string) => boolean {
  const holds = (expression: unknown): boolean => {
    const [[operator, argument] = ['', undefined]] = Object.entries(asObject(expression));
    switch (operator) {
      case 'Condition':
        return named(String(argument));
      case 'Fn::And':
        return asList(argument).every(holds);
      case 'Fn::Or':
        return asList(argument).some(holds);
      case 'Fn::Not':
        return !holds(asList(argument)[0]);
      case 'Fn::Equals': {
        const [left, right] = asList(argument).map((operand) => value(operand));
        return String(left) === String(right);
      }
      default:
        throw new LocalCloudError('template-invalid', `a condition uses ${operator || JSON.stringify(expression)}`);
    }
  };
  const named = (name: string): boolean => {
    if (!isObject(conditions[name])) throw new LocalCloudError('template-invalid', `no condition is called ${name}`);
    return holds(conditions[name]);
  };
  return named;
}
