import { type CampaignDocument, libraryKeys } from '../contracts/index.ts';
import { formatFacts, formatTable, indent, progressInWords, similarityInWords, since } from './words.ts';

/** A campaign for people: its state, what it waits for, and every cell with its scores. */
export function campaignText({ campaign, cells, job, progress }: CampaignDocument, now: Date): string {
  const { state, wait, failure, rejection } = campaign;
  const drawn = cells.filter(({ picture }) => picture !== undefined).length;
  const enlarged = cells.filter(({ large }) => large === 'written').length;
  const facts = {
    state,
    waits: wait && `${wait.sentence} (for ${since(wait.since, now)})`,
    failed: failure?.sentence,
    rejected: rejection?.sentence,
    job: job && `${job.job}, ${job.state} for ${since(job.updatedAt, now)}`,
    // A job that has ended leaves its last progress behind.
    progress: job?.state === 'submitted' && progress.length > 0 ? progress.map(progressInWords).join('; ') : undefined,
    pictures:
      drawn > 0 ? `${drawn} of ${cells.length}, ${libraryKeys.variants(campaign.campaign)}<cell>.png` : undefined,
    enlarged:
      enlarged > 0 ? `${enlarged}, to be looked at, ${libraryKeys.large(campaign.campaign)}<cell>.png` : undefined,
  };
  const rows = cells.map(({ cell, prompt, seed, scores }) => [
    cell,
    String(seed),
    scores ? similarityInWords(scores.similarity) : '-',
    scores ? `${scores.rank}/${scores.ofSubjects}` : '-',
    scores ? `${scores.nearestReference.slice(0, 12)} ${similarityInWords(scores.nearestSimilarity)}` : '-',
    prompt,
  ]);
  return [
    formatFacts(campaign.campaign, facts),
    ...(rows.length === 0
      ? []
      : [
          `Pictures\n${indent(formatTable(['cell', 'seed', 'similarity', 'rank', 'nearest reference', 'prompt'], rows))}`,
        ]),
  ].join('\n\n');
}
