import type { CampaignDocument } from '../contracts/index.ts';
import { formatTable, indent, progressInWords, section, similarityInWords, since } from './words.ts';

/** A campaign for people: its state, what it waits for, and every cell with its scores. */
export function campaignText({ campaign, cells, job, progress }: CampaignDocument, now: Date): string {
  const { wait, failure, rejection } = campaign;
  const facts = [
    ['state', campaign.state],
    ...(wait ? [['waits', `${wait.sentence} (for ${since(wait.since, now)})`]] : []),
    ...(failure ? [['failed', failure.sentence]] : []),
    ...(rejection ? [['rejected', rejection.sentence]] : []),
    ...(job ? [['job', `${job.job}, ${job.state} for ${since(job.updatedAt, now)}`]] : []),
    ...progress.map((shard) => ['progress', progressInWords(shard)]),
  ];
  const rows = cells.map(({ cell, prompt, seed, scores }) => [
    cell,
    String(seed),
    scores ? similarityInWords(scores.similarity) : '-',
    scores ? `${scores.rank}/${scores.ofSubjects}` : '-',
    scores ? `${scores.nearestReference.slice(0, 12)} ${similarityInWords(scores.nearestSimilarity)}` : '-',
    prompt,
  ]);
  return [
    ...section(campaign.campaign, ['', ''], facts),
    ...(rows.length === 0
      ? []
      : [
          `Pictures\n${indent(formatTable(['cell', 'seed', 'similarity', 'rank', 'nearest reference', 'prompt'], rows))}`,
        ]),
  ].join('\n\n');
}
