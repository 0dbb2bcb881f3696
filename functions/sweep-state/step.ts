import type { SweepDue } from '../../lib/contracts/index.ts';
import type { SweepPorts } from './settled.ts';
import { sweepCampaigns } from './sweep-campaigns.ts';
import { sweepJobs } from './sweep-jobs.ts';
import { sweepSubjects } from './sweep-subjects.ts';
import { sweepUploads } from './sweep-uploads.ts';
import { sweepVariants } from './sweep-variants.ts';

/**
 * Find what a lost event, a lost message or a crash has left behind, and say again what should have been heard. The sweep
 * decides nothing: it repeats news to the functions that decide, and they do nothing twice. It looks as of its tick, so one
 * that comes late repeats nothing that is still on its way.
 */
export async function sweepState({ time }: SweepDue, world: Omit<SweepPorts, 'now'>): Promise<void> {
  const { intake, library, state, queues, batch, log } = world;
  const ports: SweepPorts = { intake, library, state, queues, batch, log, now: () => new Date(time) };
  const found = {
    uploads: await sweepUploads(ports),
    subjects: await sweepSubjects(ports),
    campaigns: await sweepCampaigns(ports),
    jobs: await sweepJobs(ports),
    variants: await sweepVariants(ports),
  };
  // Also when nothing was found: an alarm listens for the sweep that never comes.
  log('state.swept', found);
}
