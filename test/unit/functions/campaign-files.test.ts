import { describe, expect, it } from 'vitest';
import { expandPictures } from '../../../functions/plan-campaign/expand-pictures.ts';
import { countShards, makePlan, sizeOf } from '../../../functions/plan-campaign/make-plan.ts';
import { readCampaign } from '../../../functions/plan-campaign/read-campaign.ts';
import { CampaignFile, type TunedSubject } from '../../../lib/contracts/index.ts';
import { BASE_MODEL } from '../../fakes/world.ts';

const file = (changes: object = {}): CampaignFile =>
  CampaignFile.parse({ campaign: 'spring', subjects: ['mina'], prompts: ['{mina} waving'], ...changes });
const prompts = (changes: object) => expandPictures(file(changes)).map((picture) => picture.prompt);

describe('prompts', () => {
  it('are drawn once for each combination of the characteristics that they name', () => {
    const characteristics = { coat: ['yellow coat', 'red coat'], place: ['beach', 'snow'], unused: ['x', 'y'] };
    expect(prompts({ prompts: ['{mina} in a {coat}, in {place}', '{mina} waving'], characteristics })).toEqual([
      '{mina} in a yellow coat, in beach',
      '{mina} in a yellow coat, in snow',
      '{mina} in a red coat, in beach',
      '{mina} in a red coat, in snow',
      '{mina} waving',
    ]);
  });

  it('with {subject} are drawn once for each subject', () => {
    expect(prompts({ subjects: ['mina', 'otto'], prompts: ['{subject} waving'] })).toEqual([
      '{mina} waving',
      '{otto} waving',
    ]);
  });

  it('are drawn for each channel and seed, the seeds counting up', () => {
    const pictures = expandPictures(file({ seeds: 2, firstSeed: 40, channels: ['square', 'story'] }));
    expect(pictures.map(({ channel, seed }) => `${channel} ${seed}`)).toEqual([
      'square 40',
      'square 41',
      'story 40',
      'story 41',
    ]);
  });

  it('may each have subjects, seeds and channels of their own', () => {
    const own = { text: '{otto} jumping', subjects: ['otto'], seeds: 3, channels: ['wide'] };
    const pictures = expandPictures(file({ subjects: ['mina', 'otto'], prompts: ['{mina} waving', own] }));
    expect(pictures.map(({ subjects, channel }) => `${subjects} ${channel}`)).toEqual([
      'mina square',
      ...Array(3).fill('otto wide'),
    ]);
  });

  it.each([
    [{ prompts: ['a girl waving'] }, 'prompt 1 names no subject; write {mina} where it shall stand'],
    [
      { prompts: ['{mina} waving', '{mina} in a {hat}'] },
      'prompt 2 names {hat}, which is neither one of its subjects nor a characteristic',
    ],
    [{ prompts: ['{mina} {waving'] }, 'prompt 1 has a brace without its partner'],
    [{ prompts: ['{mina} {{mina}}'] }, 'prompt 1 has a brace without its partner'],
    [{ prompts: ['{mina} {}'] }, 'prompt 1 names {}'],
    [{ prompts: ['{mina} {constructor}'] }, 'prompt 1 names {constructor}'],
    [{ subjects: ['mina', 'otto'] }, 'no prompt shows otto, though subjects lists it'],
    [{ prompts: [{ text: '{otto}', subjects: ['otto'] }] }, 'prompt 1 is for otto, which subjects does not list'],
    [{ characteristics: { mina: ['x'] } }, 'mina is both a subject and a characteristic'],
    [{ characteristics: { coat: ['{mina}'] } }, 'a value of the characteristic coat has a brace in it'],
    [
      { prompts: ['{mina} {coat}'], characteristics: { coat: ['x'.repeat(999)] } },
      'prompt 1 is longer than 1,000 characters',
    ],
    [{ firstSeed: 4_294_967_295, seeds: 2 }, 'firstSeed leaves no room for 2 seeds'],
  ])('that cannot be drawn are refused by a sentence: %o', (changes, sentence) => {
    expect(() => expandPictures(file(changes))).toThrow(sentence);
  });

  it('of more pictures than a plan holds are refused before they are spelled out', () => {
    const values = Array.from({ length: 50 }, (_, i) => `v${i}`);
    const characteristics = Object.fromEntries([...'abcdefgh'].map((name) => [name, values]));
    const text = `{mina} ${[...'abcdefgh'].map((name) => `{${name}}`).join(' ')}`;
    expect(() => expandPictures(file({ prompts: [text], characteristics }))).toThrow('more than 100,000 pictures');
  });
});

describe('a campaign file', () => {
  const read = (text: string, extension: 'yaml' | 'csv' = 'yaml') =>
    readCampaign(Buffer.from(text), 'spring', extension);

  it('may be YAML as a person writes it', () => {
    const text =
      'campaign: spring\nsubjects: [mina]\nprompts:\n  - "{mina} waving"\nseeds: 2   # each\nneededBy: 2026-12-01T09:00:00+01:00\n';
    expect(read(text)).toMatchObject({
      seeds: 2,
      channels: ['square'],
      sampler: { steps: 20 },
      neededBy: '2026-12-01T09:00:00+01:00',
    });
  });

  it('may be CSV with one row for each prompt, and an empty column means “as usual”', () => {
    const text =
      '\ufeffsubjects,prompt,seeds,channels\nmina,"{mina} waving, on a beach",2,square story\nmina otto,{otto} and {mina},,\n';
    expect(read(text, 'csv')).toMatchObject({
      campaign: 'spring',
      subjects: ['mina', 'otto'],
      prompts: [
        { text: '{mina} waving, on a beach', subjects: ['mina'], seeds: 2, channels: ['square', 'story'] },
        { text: '{otto} and {mina}', subjects: ['mina', 'otto'] },
      ],
    });
  });

  it.each([
    ['campaign: summer\nsubjects: [mina]\nprompts: ["{mina}"]', 'yaml', 'spring.yaml calls its campaign summer'],
    ['campaign: spring\nsubjects: [mina]\nprompts: []', 'yaml', 'prompts: Too small'],
    ['campaign: spring\nsubjects: [mina]\nprompts: ["{mina} <lora:evil:1>"]', 'yaml', 'prompts[0]'],
    [
      'campaign: spring\nsubjects: [mina]\nprompts: [{text: "{mina}", seed: 3}]',
      'yaml',
      'prompts[0]: unknown field seed',
    ],
    ['subjects,prompt\nmina,"{mina}', 'csv', 'spring.csv is not valid CSV'],
    ['subjects,prompt,seeds\nmina,{mina},many', 'csv', 'spring.csv, row 2: seeds'],
    ['subjects,prompt,mood\nmina,{mina},good', 'csv', 'spring.csv, row 2: unknown field mood'],
    [
      'subjects,prompt,channels\nmina,{mina},cinema',
      'csv',
      'prompts[0].channels[0] must be one of square, story, wide',
    ],
  ])('that is wrong is refused, and the sentence says where: %s', (text, extension, sentence) => {
    expect(() => read(text, extension as 'yaml' | 'csv')).toThrow(sentence);
  });
});

describe('sizes', () => {
  it.each([
    ['paperdoll', [128, 128], [96, 160], [160, 96]],
    ['sd15', [512, 512], [384, 704], [704, 384]],
    ['sdxl', [1024, 1024], [768, 1344], [1344, 768]],
  ] as const)('of %s keep the area of the native square', (family, square, story, wide) => {
    const sizes = (['square', 'story', 'wide'] as const).map((channel) => Object.values(sizeOf(channel, family)));
    expect(sizes).toEqual([square, story, wide]);
  });
});

describe('a plan', () => {
  const adapter = { key: 'subjects/mina/versions/1/adapter.safetensors', sha256: 'a'.repeat(64), sizeBytes: 1 };
  const mina: TunedSubject = {
    subject: 'mina',
    noun: 'girl',
    token: 'sks',
    version: 1,
    method: 'dreambooth-lora',
    recipe: 'b'.repeat(64),
    adapter,
  };
  const plan = (changes: object = {}, subject = mina, baseModel = BASE_MODEL) =>
    makePlan(file(changes), '0'.repeat(64), expandPictures(file(changes)), [subject], baseModel);
  const cell = (...input: Parameters<typeof plan>) => plan(...input).cells[0]?.cell;

  it('names a cell by all that decides its picture', () => {
    const same = cell();
    expect(cell()).toBe(same);
    expect(cell({ campaign: 'autumn', review: 'none' })).toBe(same);
    expect(cell({}, { ...mina, adapter: { ...adapter, key: 'elsewhere' } })).toBe(same);
    const others = [
      cell({ prompts: ['{mina} jumping'] }),
      cell({ firstSeed: 1 }),
      cell({ channels: ['story'] }),
      cell({ sampler: { steps: 21 } }),
      cell({}, { ...mina, adapter: { ...adapter, sha256: 'c'.repeat(64) } }),
      cell({}, { ...mina, noun: 'woman' }),
      cell({}, mina, { ...BASE_MODEL, digest: 'd'.repeat(64) }),
    ];
    expect(new Set([same, ...others]).size).toBe(others.length + 1);
  });

  it('draws a prompt that is written twice once', () => {
    expect(plan({ prompts: ['{mina} waving', '{mina} waving'] }).cells).toHaveLength(1);
  });

  it('of eight cells is one plain job, and of a thousand as many shards as are full', () => {
    expect([8, 32, 33, 1_000, 10_000_000].map((cells) => countShards(cells, 32))).toEqual([1, 1, 2, 32, 10_000]);
  });
});
