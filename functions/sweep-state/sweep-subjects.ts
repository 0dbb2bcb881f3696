import { SubjectRow } from '../../lib/contracts/index.ts';
import { isSettled, type SweepPorts } from './settled.ts';

/** Subjects that are ready and were never started: whoever made them ready died before it asked. */
export async function sweepSubjects({ state, queues, now }: SweepPorts): Promise<number> {
  const ready = (await state.listOpen(SubjectRow)).filter(
    (row) => row.state === 'ready' && isSettled(row.updatedAt, now()),
  );
  for (const { subject } of ready) await queues.tuning({ event: 'subject.ready', subject });
  return ready.length;
}
