import type { CampaignRow, JobRow, SubjectRow } from '../contracts/index.ts';
import { formatTable, since } from './words.ts';

export function subjectTable(subjects: readonly SubjectRow[]): string {
  return formatTable(
    ['subject', 'state', 'version', 'method', 'owner', 'expires'],
    subjects.map(({ subject, state, latestVersion, manifest }) => [
      subject,
      state,
      latestVersion === 0 ? '-' : String(latestVersion),
      manifest?.method ?? '-',
      manifest?.passport.owner ?? '-',
      manifest?.passport.expires ?? '-',
    ]),
  );
}

export function campaignTable(campaigns: readonly CampaignRow[]): string {
  return formatTable(
    ['campaign', 'state', 'subjects', 'pictures', 'job'],
    campaigns.map(({ campaign, state, file, cells, job }) => [
      campaign,
      state,
      file?.subjects.join(', ') ?? '-',
      cells === 0 ? '-' : String(cells),
      job ?? '-',
    ]),
  );
}

export function jobTable(jobs: readonly JobRow[], now: Date): string {
  return formatTable(
    ['job', 'verb', 'for', 'state', 'since', 'seconds'],
    jobs.map(({ job, verb, subject, campaign, state, updatedAt, seconds }) => [
      job,
      verb,
      subject ?? campaign ?? '-',
      state,
      since(updatedAt, now),
      seconds === undefined ? '-' : total(seconds),
    ]),
  );
}

const total = (seconds: Record<string, number>): string =>
  Object.values(seconds)
    .reduce((sum, part) => sum + part, 0)
    .toFixed(1);
