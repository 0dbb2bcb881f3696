import type { Kind, Method, MethodChoice, RecipeRequest, Settings } from '../../lib/contracts/index.ts';

interface Route {
  kind: Kind;
  fewest: number; // references from which the row holds
  method: Method;
  why: string; // the row of the bench that says so, or why there is none
}

const NEAREST =
  'bench/oneactor.json, C2a to C2l: of the methods DreamBooth-LoRA comes nearest to the subject, of one and of four uploads';

const UNDECIDED =
  'no bench row on products yet: the baseline stays until another method beats it on uploaded references';

/**
 * What `auto` means, by kind of subject and number of references: the last row that fits. Judged on uploaded references alone,
 * never on proposals. A row changes with the claim of `bench/oneactor.json` that it cites, never by taste.
 */
export const ROUTES: readonly Route[] = [
  { kind: 'character', fewest: 1, method: 'dreambooth-lora', why: NEAREST },
  { kind: 'person', fewest: 1, method: 'dreambooth-lora', why: NEAREST },
  { kind: 'animal', fewest: 1, method: 'dreambooth-lora', why: NEAREST },
  { kind: 'product', fewest: 1, method: 'dreambooth-lora', why: UNDECIDED },
];

/** How many subjects a method can keep apart in one picture. */
export const SUBJECTS_IN_PICTURE: Record<Method, number> = {
  'dreambooth-lora': 1,
  oneactor: 1,
  'textual-inversion': 1,
};

/** The rare word that means the subject. Every adapter here knows one subject, so all may use the same. */
export const SUBJECT_TOKEN = 'sks';

/** How a subject is to be learned: what its manifest asks for, or what the router chooses with the published settings. */
export function chooseRecipe(
  asked: MethodChoice,
  kind: Kind,
  references: number,
  settings: Settings = {},
): RecipeRequest {
  if (asked !== 'auto') return { method: asked, settings };
  const route = ROUTES.findLast((row) => row.kind === kind && row.fewest <= references);
  if (!route) throw new Error(`no route for a ${kind} with ${references} references`);
  return { method: route.method, settings: {} };
}
