import { constants } from 'node:os';
import type { ProcessLedger } from './processes/ledger.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SIGNAL_BASE = 128;

/**
 * Take the cloud down before this process ends: in order on a signal, at once on a second one or on any other exit.
 * Children lead process groups of their own, so a terminal's Ctrl-C does not reach them. The result takes it back.
 */
export function endOnSignals(ledger: ProcessLedger, stop: () => Promise<void>): () => void {
  let asked = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    const status = SIGNAL_BASE + constants.signals[signal];
    if (asked) process.exit(status);
    asked = true;
    void stop().finally(() => process.exit(status));
  };
  const onExit = (): void => ledger.killAll();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('exit', onExit);
  return () => {
    // After a signal the handlers stay until the exit: a second signal must not end us half way.
    if (asked) return;
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('exit', onExit);
  };
}
