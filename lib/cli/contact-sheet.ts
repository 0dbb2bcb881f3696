import {
  type CampaignDocument,
  type CellSeen,
  libraryKeys,
  type Plan,
  type SubjectDocument,
} from '../contracts/index.ts';
import type { Cloud } from './cloud.ts';
import { readPlan, readSubject } from './state.ts';

/** A picture of a subject that the campaign was drawn from. */
export interface SheetReference {
  file: string;
  sha256: string;
  png: Buffer;
}

export interface SheetSubject {
  name: string;
  facts: [string, string][];
  references: SheetReference[];
}

/** One cell. Without `png` it says why there is none. */
export interface SheetPicture {
  cell: CellSeen;
  png: Buffer | undefined;
  absent: string | undefined;
  nearest: SheetReference | undefined;
}

/** Everything that a contact sheet shows, with its pictures. */
export interface Sheet {
  campaign: string;
  summary: string[];
  problem: string | undefined;
  subjects: SheetSubject[];
  pictures: SheetPicture[];
}

/** Fetch all that a campaign’s sheet shows. Nothing is left out: what is missing says why. */
export async function collectSheet(cloud: Cloud, document: CampaignDocument): Promise<Sheet> {
  const { campaign, cells } = document;
  const plan = await readPlan(cloud, campaign.campaign);
  const subjects = await Promise.all((campaign.file?.subjects ?? []).map((name) => collectSubject(cloud, name, plan)));
  const references = subjects.flatMap((subject) => subject.references);
  const problem = campaign.failure?.sentence ?? campaign.rejection?.sentence ?? campaign.wait?.sentence;
  const pictures = await Promise.all(
    cells.map(async (cell): Promise<SheetPicture> => {
      const png = await readToLookAt(cloud, campaign.campaign, cell);
      return {
        cell,
        png: png && Buffer.from(png),
        absent: png ? undefined : (problem ?? `not drawn; the campaign is ${campaign.state}`),
        nearest: references.find(({ sha256 }) => sha256 === cell.scores?.nearestReference),
      };
    }),
  );
  return { campaign: campaign.campaign, summary: summarise(document, pictures, plan), problem, subjects, pictures };
}

/** The enlarged picture where there is one: scores are of the picture as it was drawn, and stand beside either. */
const readToLookAt = async (
  cloud: Cloud,
  campaign: string,
  { cell, large }: CellSeen,
): Promise<Uint8Array | undefined> =>
  (large === 'written' ? await cloud.readLibrary(libraryKeys.largePicture(campaign, cell)) : undefined) ??
  cloud.readLibrary(libraryKeys.variantPicture(campaign, cell));

async function collectSubject(cloud: Cloud, name: string, plan: Plan | undefined): Promise<SheetSubject> {
  const found = await readSubject(cloud, name);
  if (!found) return { name, facts: [['state', 'not uploaded']], references: [] };
  const order = found.subject.manifest?.references ?? [];
  const accepted = found.references
    .filter(({ state }) => state === 'accepted')
    .toSorted((one, other) => order.indexOf(one.file) - order.indexOf(other.file));
  const references = await Promise.all(
    accepted.map(async ({ file, picture }): Promise<SheetReference[]> => {
      const png = picture && (await cloud.readLibrary(picture.key));
      return picture && png ? [{ file, sha256: picture.sha256, png: Buffer.from(png) }] : [];
    }),
  );
  return { name, facts: factsOf(found, plan), references: references.flat() };
}

function factsOf({ subject, versions }: SubjectDocument, plan: Plan | undefined): [string, string][] {
  const { manifest } = subject;
  const drawn = plan?.subjects.find(({ subject: name }) => name === subject.subject);
  const version = drawn?.version ?? versions.at(-1)?.version;
  const method = drawn?.method ?? versions.at(-1)?.method ?? manifest?.method;
  return [
    ['subject', manifest ? `${manifest.kind}, ${manifest.noun}` : subject.state],
    ['method', `${method ?? 'none yet'}${version === undefined ? '' : `, version ${version}`}`],
    ...(manifest
      ? ([
          ['passport owner', `${manifest.passport.owner} (${manifest.passport.consent})`],
          ['allowed uses', `${manifest.passport.uses.join(', ')}; ${manifest.passport.territories.join(', ')}`],
          ['expires', manifest.passport.expires],
        ] satisfies [string, string][])
      : []),
  ];
}

function summarise(
  { campaign, cells }: CampaignDocument,
  pictures: readonly SheetPicture[],
  plan: Plan | undefined,
): string[] {
  const drawn = pictures.filter(({ png }) => png !== undefined).length;
  const scores = cells.map((cell) => cell.scores).filter((score) => score !== undefined);
  const similarities = scores.map(({ similarity }) => similarity).toSorted((one, other) => one - other);
  const first = scores.filter(({ rank }) => rank === 1).length;
  return [
    `${campaign.state} · ${drawn} of ${cells.length} pictures drawn · ${scores.length} scored`,
    ...(similarities.length > 0
      ? [
          `similarity to the subject’s references ${similarities[0]?.toFixed(3)} to ${similarities.at(-1)?.toFixed(3)} · ` +
            `nearest of all subjects in ${first} of ${scores.length}`,
        ]
      : []),
    ...(plan
      ? [
          `base model ${plan.baseModel.name} · ${plan.sampler.name}, ${plan.sampler.steps} steps, guidance ${plan.sampler.guidance}` +
            (scores[0] ? ` · encoder ${scores[0].encoder}` : ''),
        ]
      : []),
  ];
}

/** The lines below a picture, the same in both forms of the sheet. */
export function captionOf({ cell, nearest }: SheetPicture): { prompt: string; facts: [string, string][] } {
  const { scores } = cell;
  return {
    // The braces are the plan’s way to mark a subject; a reader needs only the name.
    prompt: cell.prompt.replace(/\{([a-z0-9-]+)\}/g, '$1'),
    facts: [
      ['seed', String(cell.seed)],
      ['similarity', scores ? scores.similarity.toFixed(3) : 'not scored'],
      ['rank', scores ? `${scores.rank} of ${scores.ofSubjects}` : 'not scored'],
      [
        'nearest reference',
        scores
          ? `${nearest?.file ?? scores.nearestReference.slice(0, 12)} ${scores.nearestSimilarity.toFixed(3)}`
          : 'not scored',
      ],
    ],
  };
}
