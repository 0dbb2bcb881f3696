import { type CampaignFile, type Channel, PromptText, Seed } from '../../lib/contracts/index.ts';
import { CallerError } from '../_shared/errors.ts';
import { anySubject, fillIn, placeholdersOf, type Template } from './template.ts';

/** One picture that a campaign asks for; how large it is and what it is called follow from the base model. */
export interface WantedPicture {
  /** Filled in but for the subjects. */
  prompt: string;
  subjects: string[];
  channel: Channel;
  seed: number;
}

const MAX_PICTURES = 100_000;
const MAX_SUBJECTS = 4;

/**
 * Every picture of a campaign: each prompt with every combination of the characteristics it names, for each channel and seed.
 * Throws `CallerError` with a sentence that names what does not fit.
 */
export function expandPictures(file: CampaignFile): WantedPicture[] {
  checkNames(file);
  const pictures = file.prompts.flatMap((prompt, index) => expandPrompt(prompt, `prompt ${index + 1}`, file));
  const shown = new Set(pictures.flatMap((picture) => picture.subjects));
  const unused = file.subjects.filter((subject) => !shown.has(subject));
  if (unused.length > 0) throw invalid(`no prompt shows ${unused.join(', ')}, though subjects lists it`);
  if (pictures.length > MAX_PICTURES) throw invalid(TOO_MANY);
  return pictures;
}

function expandPrompt(prompt: CampaignFile['prompts'][number], name: string, file: CampaignFile): WantedPicture[] {
  const asked = typeof prompt === 'string' ? { text: prompt } : prompt;
  const subjects = asked.subjects ?? file.subjects;
  const channels = asked.channels ?? file.channels;
  const seeds = asked.seeds ?? file.seeds;
  if (file.firstSeed + seeds - 1 > (Seed.maxValue ?? 0)) throw invalid(`firstSeed leaves no room for ${seeds} seeds`);
  const stranger = subjects.find((subject) => !file.subjects.includes(subject));
  if (stranger) throw invalid(`${name} is for ${stranger}, which subjects does not list`);
  return anySubject(asked.text, subjects).flatMap((text) => {
    const template = readTemplate(text, name, subjects, file);
    const { characteristics } = template;
    const combinations = characteristics.reduce(
      (product, one) => product * (file.characteristics[one]?.length ?? 0),
      1,
    );
    // Counted before it is done: ten characteristics of fifty values are more than any machine holds.
    if (combinations * channels.length * seeds > MAX_PICTURES) throw invalid(TOO_MANY);
    return combine(characteristics, file.characteristics).flatMap((values) => {
      const filled = fillIn(text, values);
      if (!PromptText.safeParse(filled).success)
        throw invalid(`${name} is longer than 1,000 characters once it is filled in`);
      return channels.flatMap((channel) =>
        Array.from({ length: seeds }, (_, i) => ({
          prompt: filled,
          subjects: template.subjects,
          channel,
          seed: file.firstSeed + i,
        })),
      );
    });
  });
}

function readTemplate(text: string, name: string, subjects: string[], file: CampaignFile): Template {
  const names = placeholdersOf(text);
  if (!names) throw invalid(`${name} has a brace without its partner; placeholders are written {${subjects[0]}}`);
  const unknown = names.find((one) => !subjects.includes(one) && !Object.hasOwn(file.characteristics, one));
  if (unknown !== undefined)
    throw invalid(`${name} names {${unknown}}, which is neither one of its subjects nor a characteristic`);
  const shown = names.filter((one) => subjects.includes(one));
  if (shown.length === 0) throw invalid(`${name} names no subject; write {${subjects[0]}} where it shall stand`);
  if (shown.length > MAX_SUBJECTS)
    throw invalid(`${name} names ${shown.length} subjects; one picture shows at most ${MAX_SUBJECTS}`);
  return { subjects: shown, characteristics: names.filter((one) => !subjects.includes(one)) };
}

/** Names that would make a template mean two things. */
function checkNames({ subjects, characteristics }: CampaignFile): void {
  for (const [name, values] of Object.entries(characteristics)) {
    if (subjects.includes(name)) throw invalid(`${name} is both a subject and a characteristic`);
    if (values.some((value) => /[{}]/.test(value)))
      throw invalid(`a value of the characteristic ${name} has a brace in it`);
  }
}

/** Every combination of one value of each characteristic, in the order in which they are written. */
function combine(names: readonly string[], values: CampaignFile['characteristics']): Record<string, string>[] {
  return names.reduce<Record<string, string>[]>(
    (combinations, name) =>
      combinations.flatMap((one) => (values[name] ?? []).map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

const TOO_MANY = `the campaign asks for more than ${MAX_PICTURES.toLocaleString('en')} pictures`;

const invalid = (problem: string): CallerError =>
  new CallerError('campaign_invalid', `The campaign cannot be planned: ${problem}.`);
