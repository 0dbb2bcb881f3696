import type { StartRequest } from '../../lib/contracts/index.ts';
import type { Ports } from '../_shared/ports.ts';
import { startRender } from './start-render.ts';
import { startTuning } from './start-tuning.ts';

/** Give a ready subject or a planned campaign to the GPU queue, once however often it is asked for. */
export async function startJob(
  request: StartRequest,
  ports: Pick<Ports, 'library' | 'state' | 'queues' | 'batch' | 'settings' | 'now' | 'log'>,
): Promise<void> {
  if (request.event === 'subject.ready') return startTuning(request.subject, ports);
  return startRender(request, ports);
}
