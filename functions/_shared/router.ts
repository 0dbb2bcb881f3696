import type { Kind, Method, MethodChoice, RecipeRequest } from '../../lib/contracts/index.ts';

/** What `auto` means for each kind of subject. A row changes when the bench says so, never by taste. */
const CHOSEN: Record<Kind, Method> = {
  character: 'dreambooth-lora',
  person: 'dreambooth-lora',
  animal: 'dreambooth-lora',
  product: 'dreambooth-lora',
};

/** How many subjects a method can keep apart in one picture. */
export const SUBJECTS_IN_PICTURE: Record<Method, number> = { 'dreambooth-lora': 1 };

/** The rare word that means the subject. Every adapter here knows one subject, so all may use the same. */
export const SUBJECT_TOKEN = 'sks';

/** How a subject is to be learned: what its manifest asks for, or what the router chooses. */
export function chooseRecipe(asked: MethodChoice, kind: Kind): RecipeRequest {
  return { method: asked === 'auto' ? CHOSEN[kind] : asked, settings: {} };
}
