import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDeployControl } from '../../../lib/cli/deploy/deploy-control.ts';

/** A checkout whose CDK writes down how it was called, and ends as its first word says. */
function checkoutWithCdk(): string {
  const checkout = mkdtempSync(join(tmpdir(), 'troupe-'));
  mkdirSync(join(checkout, 'node_modules/aws-cdk/bin'), { recursive: true });
  const program = `
    const { AWS_REGION: region } = process.env;
    require('node:fs').writeFileSync('called.json', JSON.stringify({ words: process.argv.slice(2), region, folder: process.cwd() }));
    if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL');
    process.exit(process.argv[2] === 'fail' ? 3 : 0);`;
  writeFileSync(join(checkout, 'node_modules/aws-cdk/bin/cdk'), program);
  return checkout;
}

const calledIn = (checkout: string) => JSON.parse(readFileSync(join(checkout, 'called.json'), 'utf8'));

it('the CDK runs in the checkout, in the region and with the profile that were named', async () => {
  const checkout = checkoutWithCdk();
  const { cdk } = createDeployControl(checkout, { profile: 'studio', region: 'eu-west-3' });
  expect(await cdk(['deploy', '--all'])).toBe(0);
  expect(calledIn(checkout)).toEqual({
    words: ['deploy', '--all', '--profile', 'studio'],
    region: 'eu-west-3',
    folder: checkout,
  });
});

it('the CDK is told nothing that was not said', async () => {
  const checkout = checkoutWithCdk();
  await createDeployControl(checkout, {}).cdk(['deploy']);
  expect(calledIn(checkout).words).toEqual(['deploy']);
});

it.each([
  ['fail', 3],
  ['die', 1],
])('a CDK that does not succeed has a status: %s', async (word, status) => {
  expect(await createDeployControl(checkoutWithCdk(), {}).cdk([word])).toBe(status);
});
