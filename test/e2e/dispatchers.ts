import { eventually, type RunningApp } from './troupe-app.ts';

/** Bring the function that starts jobs to two processes, both idle: one is held at its work until another has been started. */
export async function warmTwoDispatchers(cloud: RunningApp): Promise<void> {
  const ask = () => cloud.send('TuningWork', [JSON.stringify({ event: 'subject.ready', subject: 'nobody' })]);
  await ask();
  const first = await eventually('one dispatcher is idle', 60, () => dispatchers(cloud).idle.at(0));
  process.kill(first, 'SIGSTOP');
  await ask();
  await eventually('it has been given work', 60, () => dispatchers(cloud).busy.length === 1 || undefined);
  await ask();
  await eventually('another is idle', 60, () => dispatchers(cloud).idle.at(0));
  process.kill(first, 'SIGCONT');
}

/** Have both dispatchers asked the same, by the pipeline and by a message of ours, before either begins. */
export async function together(
  cloud: RunningApp,
  cause: () => Promise<{ queue: string; message: string }>,
): Promise<void> {
  const pids = await eventually('both dispatchers are idle', 60, () => {
    const { idle, busy } = dispatchers(cloud);
    return idle.length >= 2 && busy.length === 0 ? idle : undefined;
  });
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const { queue, message } = await cause();
  await eventually('one dispatcher is asked', 60, () => dispatchers(cloud).busy.length > 0 || undefined);
  await cloud.send(queue, [message]);
  await eventually('the other is asked', 60, () => dispatchers(cloud).busy.length >= 2 || undefined);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

/** The processes that start jobs: those that have answered all they were asked, and those that have not. */
function dispatchers(cloud: RunningApp): { idle: number[]; busy: number[] } {
  const working = new Map<number, boolean>();
  for (const { hop, pid = 0, function: name } of cloud.trace()) {
    if (name?.includes('StartJob')) working.set(pid, hop === 'function.invoked');
  }
  const pidsThat = (work: boolean) => [...working].filter(([, is]) => is === work).map(([pid]) => pid);
  return { idle: pidsThat(false), busy: pidsThat(true) };
}
