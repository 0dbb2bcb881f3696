import {
  type ObjectCreated,
  ObjectCreated as ObjectCreatedContract,
  type SubjectManifest,
} from '../../lib/contracts/index.ts';

/** The event of an object that somebody, or the worker, has written. */
export const objectCreated = (key: string, bucket = 'intake'): ObjectCreated =>
  ObjectCreatedContract.parse({
    id: 'event',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: '2026-06-01T12:00:00Z',
    detail: { bucket: { name: bucket }, object: { key } },
  });

export const PASSPORT: SubjectManifest['passport'] = {
  owner: 'Example Studio',
  consent: 'own-design',
  uses: ['marketing'],
  territories: ['worldwide'],
  expires: '2027-12-31',
};

/** A subject.yaml; JSON is YAML too. */
export const manifest = (subject: string, references: string[], changes: object = {}): string =>
  JSON.stringify({ subject, kind: 'character', noun: 'girl', references, passport: PASSPORT, ...changes });

export const campaignFile = (campaign: string, changes: object = {}): string =>
  JSON.stringify({ campaign, subjects: ['mina'], prompts: ['{mina} waving, on a beach'], ...changes });
