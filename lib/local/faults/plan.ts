import { LocalCloudError } from '../errors.ts';

/**
 * What can go wrong on purpose: an event or a message comes twice (duplicate), after later ones (reorder) or late (delay);
 * an event is lost (drop); a job's process is killed (kill); a job is accepted and whoever submitted it is never told
 * (lose-reply).
 */
export const FAULT_KINDS = ['duplicate', 'reorder', 'delay', 'drop', 'kill', 'lose-reply'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which faults strike, how often, and whom. The same plan strikes the same things in every run. */
export interface FaultPlan {
  seed: number;
  /** Share of the things that each fault strikes, 0 to 1; a fault without one strikes nothing. */
  rates: Partial<Record<FaultKind, number>>;
  /** Strike only things whose identity (see `identity.ts`) it matches. */
  only?: RegExp;
}

export const NO_FAULTS: FaultPlan = { seed: 0, rates: {} };

/** Shares that let most work succeed and still strike several times in a demo. */
const USUAL_RATES: Record<FaultKind, number> = {
  duplicate: 0.5,
  reorder: 0.5,
  delay: 0.25,
  drop: 0.05,
  kill: 0.5,
  'lose-reply': 0.5,
};

/** Read `duplicate,drop=0.1`: names of faults, each with its share where the usual one will not do. */
export function readFaults(text: string, seed: number): FaultPlan {
  if (!Number.isSafeInteger(seed) || seed < 0) throw invalid(`the seed ${seed} is not a whole number from 0 on`);
  const rates: FaultPlan['rates'] = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    const [name = '', share] = part.split('=');
    const kind = FAULT_KINDS.find((one) => one === name);
    if (kind === undefined) throw invalid(`${JSON.stringify(name)} is none of ${FAULT_KINDS.join(', ')}`);
    const rate = share === undefined ? USUAL_RATES[kind] : Number(share);
    if (share === '' || !(rate >= 0 && rate <= 1)) throw invalid(`${part}: a share is a number from 0 to 1`);
    rates[kind] = rate;
  }
  return { seed, rates };
}

const invalid = (problem: string): LocalCloudError =>
  new LocalCloudError('faults-invalid', `the faults cannot be read: ${problem}`);
