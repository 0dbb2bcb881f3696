import { KnownError } from '../errors.ts';

/** Whether licences that weights come under allow commercial use. The OpenRAIL ones do, within the uses that they list. */
const LICENCES: Readonly<Record<string, boolean>> = {
  'Apache-2.0': true,
  MIT: true,
  'BSD-3-Clause': true,
  'CC0-1.0': true,
  'CC-BY-4.0': true,
  'CC-BY-SA-4.0': true,
  'CreativeML-OpenRAIL-M': true,
  'CreativeML-OpenRAIL++-M': true,
  'CC-BY-NC-4.0': false,
  'CC-BY-NC-SA-4.0': false,
  'CC-BY-NC-ND-4.0': false,
};

/** What a licence allows: as it is known, or as a person who has read it says. */
export function allowsCommercialUse(licence: string, said: string | undefined): boolean {
  if (said !== undefined && said !== 'yes' && said !== 'no') {
    throw new KnownError('usage', `--commercial ${said}: say yes or no.`);
  }
  const known = Object.entries(LICENCES).find(([name]) => name.toLowerCase() === licence.toLowerCase())?.[1];
  if (said !== undefined) {
    if (known === false && said === 'yes') {
      throw new KnownError('usage', `${licence} does not allow commercial use.`);
    }
    return said === 'yes';
  }
  if (known !== undefined) return known;
  throw new KnownError(
    'usage',
    `Troupe does not know the licence "${licence}" (it knows ${Object.keys(LICENCES).join(', ')}).\n` +
      'Read it, and say --commercial yes or --commercial no; some allow it below a revenue only.',
  );
}
