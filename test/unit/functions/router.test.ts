import { describe, expect, it } from 'vitest';
import { chooseRecipe, ROUTES } from '../../../functions/_shared/router.ts';
import { Kind, SubjectManifest } from '../../../lib/contracts/index.ts';

const manifest = {
  subject: 'mina',
  kind: 'character',
  noun: 'girl',
  references: ['front.png'],
  passport: {
    owner: 'us',
    consent: 'own-design',
    uses: ['internal'],
    territories: ['worldwide'],
    expires: '2030-01-01',
  },
};

describe('the router', () => {
  it('has a row for every kind from one reference on, and every row says why', () => {
    for (const kind of Kind.options) {
      expect(chooseRecipe('auto', kind, 1)).toEqual({ method: 'dreambooth-lora', settings: {} });
    }
    for (const { why } of ROUTES) expect(why).not.toBe('');
  });

  it('takes a method that is named, with its settings', () => {
    const settings = { track: 'proposal', proposal: 3 };
    expect(chooseRecipe('oneactor', 'character', 1, settings)).toEqual({ method: 'oneactor', settings });
  });

  it('refuses settings for a method that nobody named', () => {
    expect(SubjectManifest.safeParse({ ...manifest, method: 'oneactor', settings: { steps: 50 } }).success).toBe(true);
    const refused = SubjectManifest.safeParse({ ...manifest, settings: { steps: 50 } });
    expect(refused.error?.issues[0]?.path).toEqual(['settings']);
  });
});
